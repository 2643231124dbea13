using PocketSam.Layers;

namespace PocketSam.Training.Optimization;

/// <summary>What the optimiser keeps for one weight.</summary>
internal sealed class OptimizedWeight
{
    /// <summary>
    /// Smaller sides are left to AdamW: a step of Muon is as large in all directions, and those that matter in a
    /// matrix of few rows, of a first convolution or a last layer, differ.
    /// </summary>
    private const int SmallestSide = 24;

    /// <param name="entry">The weight.</param>
    /// <param name="method">How gradients become steps.</param>
    /// <param name="rate">What the learning rate is multiplied with.</param>
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

    /// <summary>What the learning rate is multiplied with.</summary>
    public float Rate { get; }

    /// <summary>Whether the weight is a matrix for Muon: of <see cref="Rows"/> outputs and <see cref="Columns"/> inputs.</summary>
    public bool IsMatrix { get; }

    public int Rows { get; }

    public int Columns { get; }

    /// <summary>AdamW's first moment, or Muon's momentum.</summary>
    public float[] First { get; }

    /// <summary>AdamW's second moment; empty for a matrix of Muon's.</summary>
    public float[] Second { get; }

    /// <summary>The averaged weight.</summary>
    public float[] Average { get; }

    /// <summary>Steps in which the weight had a gradient: its moments are as old as that, not as the training.</summary>
    public long Steps { get; set; }
}
