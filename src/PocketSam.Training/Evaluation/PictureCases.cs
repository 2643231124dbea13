namespace PocketSam.Training.Evaluation;

/// <summary>Collects the best and the worst case of one picture; only these are created.</summary>
internal sealed class PictureCases
{
    private (double Value, Func<EvaluationCase> Make)? _best;
    private (double Value, Func<EvaluationCase> Make)? _worst;

    /// <summary>The case with the highest value, the first if there are several; null if there is none.</summary>
    public EvaluationCase? Best => _best?.Make();

    /// <summary>The case with the lowest value, the first if there are several; null if there is none.</summary>
    public EvaluationCase? Worst => _worst?.Make();

    /// <summary>Adds a case.</summary>
    /// <param name="value">The score of the case, 0 to 1.</param>
    /// <param name="make">Creates the case.</param>
    public void Add(double value, Func<EvaluationCase> make)
    {
        if (_best is not { } best || value > best.Value)
            _best = (value, make);
        if (_worst is not { } worst || value < worst.Value)
            _worst = (value, make);
    }
}
