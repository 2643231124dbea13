namespace PocketSam.Training.Evaluation;

/// <summary>Accumulates the IoU of masks for one protocol.</summary>
internal sealed class IouAccumulator
{
    private double _sum;
    private int _accepted;
    private double _oracleSum;
    private int _oracleCount;

    /// <summary>Number of masks added.</summary>
    public int Count { get; private set; }

    /// <summary>Adds a mask's IoU, 0 to 1.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The IoU is not in 0 to 1.</exception>
    public void Add(double iou)
    {
        Check(iou);
        _sum += iou;
        if (iou >= ProtocolResult.AcceptedIou)
            _accepted++;
        Count++;
    }

    /// <summary>Adds the IoU of the mask that the model ranks first, and of the best of its masks.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An IoU is not in 0 to 1, or the best is below the
    /// other.</exception>
    public void Add(double iou, double oracle)
    {
        Check(oracle);
        ArgumentOutOfRangeException.ThrowIfLessThan(oracle, iou);
        Add(iou);
        _oracleSum += oracle;
        _oracleCount++;
    }

    /// <summary>The means; the oracle's is null unless every mask has one.</summary>
    /// <exception cref="InvalidOperationException">No mask was added.</exception>
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
