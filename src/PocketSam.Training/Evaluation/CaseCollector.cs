namespace PocketSam.Training.Evaluation;

/// <summary>Collects the best and the worst cases, at most one of each per picture.</summary>
internal sealed class CaseCollector
{
    private const int Kept = 6;

    private readonly List<EvaluationCase> _best = [];
    private readonly List<EvaluationCase> _worst = [];

    /// <summary>The best cases, best first.</summary>
    public IReadOnlyList<EvaluationCase> Best => _best;

    /// <summary>The worst cases, worst first.</summary>
    public IReadOnlyList<EvaluationCase> Worst => _worst;

    /// <summary>Collects the best and worst cases of the pictures.</summary>
    public static CaseCollector Of(IEnumerable<PictureRecord> records)
    {
        var cases = new CaseCollector();
        foreach (EvaluationCase one in records.SelectMany(record => new[] { record.Best, record.Worst }).OfType<EvaluationCase>())
            cases.Add(one.Picture, one.Value, () => one);
        return cases;
    }

    /// <summary>Adds a case, which is created only if it is among the best or the worst so far.</summary>
    /// <param name="picture">The picture's file.</param>
    /// <param name="value">The score of the case, 0 to 1.</param>
    /// <param name="make">Creates the case.</param>
    public void Add(string picture, double value, Func<EvaluationCase> make)
    {
        Keep(_best, (a, b) => a > b);
        Keep(_worst, (a, b) => a < b);

        void Keep(List<EvaluationCase> list, Func<double, double, bool> goesBefore)
        {
            int same = list.FindIndex(one => one.Picture == picture);
            if (same >= 0 && !goesBefore(value, list[same].Value))
                return;
            if (same >= 0)
                list.RemoveAt(same);
            int place = list.FindIndex(one => goesBefore(value, one.Value));
            if (place < 0)
                place = list.Count;
            if (place < Kept)
                list.Insert(place, make());
            if (list.Count > Kept)
                list.RemoveAt(Kept);
        }
    }
}
