namespace PocketSam.Segmentation;

/// <summary>
/// A mask before it is enlarged and cut at zero: the model's own output, and what <see cref="Prompt.WithMask"/> gives
/// back to it to be refined.
/// </summary>
public sealed class MaskLogits
{
    private readonly float[] _values;

    /// <summary>Copies logits.</summary>
    /// <param name="side">Rows and columns: a quarter of the input size the picture was encoded at.</param>
    /// <param name="values"><c>[side, side]</c> finite numbers, above zero inside the mask.</param>
    /// <exception cref="ArgumentException">Another number of values, or one that is not finite.</exception>
    public MaskLogits(int side, ReadOnlySpan<float> values)
        : this(side, values.ToArray())
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(side, 1);
        long count = (long)side * side;
        if (values.Length != count)
            throw new ArgumentException($"mask logits of side {side} are {count} values, not {values.Length}");
        foreach (float value in values)
        {
            if (!float.IsFinite(value))
                throw new ArgumentException($"mask logits hold {value}, which is not a finite number");
        }
    }

    /// <summary>Keeps an array of the model's own making.</summary>
    internal MaskLogits(int side, float[] values)
    {
        Side = side;
        _values = values;
    }

    /// <summary>Rows and columns, the input's padding included.</summary>
    public int Side { get; }

    /// <summary>The values, row by row.</summary>
    public ReadOnlySpan<float> Values => _values;
}
