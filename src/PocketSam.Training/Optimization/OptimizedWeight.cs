using PocketSam.Layers;

namespace PocketSam.Training.Optimization;

/// <summary>The optimiser's state of one weight.</summary>
internal sealed class OptimizedWeight
{
    /// <summary>
    /// Matrices with a smaller side are updated by AdamW. A step of Muon has the same size in all directions, which
    /// does not suit matrices of few rows or columns, such as those of a first convolution or a last layer.
    /// </summary>
    private const int SmallestSide = 24;

    /// <param name="entry">The weight.</param>
    /// <param name="method">The update rule.</param>
    /// <param name="rate">The factor of the learning rate.</param>
    public OptimizedWeight(StateEntry entry, OptimizerMethod method, float rate = 1f)
    {
        Entry = entry;
        Rate = rate;
        int count = (int)entry.Weight.Count;
        Rows = entry.Weight.Shape[0];
        Columns = count / Rows;
        IsMatrix = method == OptimizerMethod.Muon && entry.Decays && entry.Layout != WeightLayout.Depthwise
            && Math.Min(Rows, Columns) >= SmallestSide;
        First = new float[count];
        Second = IsMatrix ? [] : new float[count];
        Average = entry.Weight.Value.Span.ToArray();
    }

    public StateEntry Entry { get; }

    /// <summary>The factor of the learning rate.</summary>
    public float Rate { get; }

    /// <summary>
    /// Whether Muon updates the weight, as a matrix with <see cref="Rows"/> outputs and <see cref="Columns"/> inputs.
    /// </summary>
    public bool IsMatrix { get; }

    public int Rows { get; }

    public int Columns { get; }

    /// <summary>AdamW's first moment, or Muon's momentum.</summary>
    public float[] First { get; }

    /// <summary>AdamW's second moment; empty if Muon updates the weight.</summary>
    public float[] Second { get; }

    /// <summary>The averaged weight.</summary>
    public float[] Average { get; }

    /// <summary>
    /// Number of steps in which the weight has had a gradient, for the bias correction of its moments.
    /// </summary>
    public long Steps { get; set; }
}
