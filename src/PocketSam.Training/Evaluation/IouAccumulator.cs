namespace PocketSam.Training.Evaluation;

/// <summary>Gathers the intersection over union of one mask after the other, for one protocol.</summary>
internal sealed class IouAccumulator
{
    private double _sum;
    private int _accepted;
    private double _oracleSum;
    private int _oracleCount;

    /// <summary>Masks added.</summary>
    public int Count { get; private set; }

    /// <summary>Adds a mask's IoU, 0 to 1.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not 0 to 1.</exception>
    public void Add(double iou)
    {
        Check(iou);
        _sum += iou;
        if (iou >= ProtocolResult.AcceptedIou)
            _accepted++;
        Count++;
    }

    /// <summary>Adds the IoU of the mask the model ranks first, and of the best of those it offers.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not 0 to 1, or the best is below the other.</exception>
    public void Add(double iou, double oracle)
    {
        Check(oracle);
        ArgumentOutOfRangeException.ThrowIfLessThan(oracle, iou);
        Add(iou);
        _oracleSum += oracle;
        _oracleCount++;
    }

    /// <summary>The means; that of the oracle only where every mask came with one.</summary>
    /// <exception cref="InvalidOperationException">Nothing was added.</exception>
    public ProtocolResult ToResult()
    {
        if (Count == 0)
            throw new InvalidOperationException("no mask was measured");
        return new ProtocolResult(
            _sum / Count, (double)_accepted / Count, _oracleCount == Count ? _oracleSum / Count : null);
    }

    private static void Check(double iou)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(iou, 0);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(iou, 1);
    }
}
