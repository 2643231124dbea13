namespace PocketSam.Training.Optimization;

/// <summary>Sums over the prompts of a step.</summary>
internal sealed class MaskResult
{
    private double _box, _click, _corrected;
    private int _boxes, _clicks, _corrections;

    public double Loss { get; set; }

    public int Prompts { get; private init; }

    public double BoxIou => _box / _boxes;

    public double ClickIou => _click / _clicks;

    public double CorrectedIou => _corrected / _corrections;

    /// <summary>The sums over all pictures, with the mean loss.</summary>
    public static MaskResult Total(IReadOnlyList<MaskResult> results, int prompts, int rounds) => new()
    {
        Loss = results.Sum(r => r.Loss) / (prompts * (rounds + 1)),
        Prompts = prompts,
        _box = results.Sum(r => r._box),
        _boxes = results.Sum(r => r._boxes),
        _click = results.Sum(r => r._click),
        _clicks = results.Sum(r => r._clicks),
        _corrected = results.Sum(r => r._corrected),
        _corrections = results.Sum(r => r._corrections),
    };

    /// <summary>
    /// The sums of this part of a batch as an array, to be summed over all parts; <see cref="From"/> is the inverse.
    /// </summary>
    public double[] ToSums() => [Loss, Prompts, _box, _boxes, _click, _clicks, _corrected, _corrections];

    /// <summary>The result from the array of <see cref="ToSums"/>, summed over all parts.</summary>
    public static MaskResult From(ReadOnlySpan<double> sums) => new()
    {
        Loss = sums[0], Prompts = (int)sums[1], _box = sums[2], _boxes = (int)sums[3], _click = sums[4], _clicks = (int)sums[5],
        _corrected = sums[6], _corrections = (int)sums[7],
    };

    public void Add(int round, bool isBox, bool last, double iou)
    {
        if (round > 0)
        {
            if (last)
            {
                _corrected += iou;
                _corrections++;
            }
        }
        else if (isBox)
        {
            _box += iou;
            _boxes++;
        }
        else
        {
            _click += iou;
            _clicks++;
        }
    }
}
