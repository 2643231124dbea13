namespace PocketSam.Training.Evaluation;

/// <summary>The best and the worst case of one picture; only these are made.</summary>
internal sealed class PictureCases
{
    private (double Value, Func<EvaluationCase> Make)? _best;
    private (double Value, Func<EvaluationCase> Make)? _worst;

    /// <summary>The first of those of the highest value; null where there is none.</summary>
    public EvaluationCase? Best => _best?.Make();

    /// <summary>The first of those of the lowest value.</summary>
    public EvaluationCase? Worst => _worst?.Make();

    /// <summary>Looks at a case.</summary>
    /// <param name="value">How well it came out.</param>
    /// <param name="make">Makes the case.</param>
    public void Add(double value, Func<EvaluationCase> make)
    {
        if (_best is not { } best || value > best.Value)
            _best = (value, make);
        if (_worst is not { } worst || value < worst.Value)
            _worst = (value, make);
    }
}
