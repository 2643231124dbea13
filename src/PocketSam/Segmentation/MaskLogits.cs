using PocketSam.Segmentation;

namespace PocketSam;

/// <summary>
/// A mask before it is enlarged and cut at zero: the model's own output, and what
/// <see cref="Prompt.WithMask(MaskLogits)"/> gives back to it to be refined.
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

    /// <summary>
    /// Logits that stand for a mask of pixels. Each value covers a square of the model's input; the share <c>c</c> of it
    /// that belongs to the mask, kept within 0.001 and 0.999, becomes <c>ln(c / (1 - c))</c>: from -6.9 outside to 6.9
    /// inside, 0 where the edge halves the square. Where a square reaches over the picture's edge the share is taken
    /// of the part that is picture; padding is outside.
    /// </summary>
    /// <param name="mask">A mask of the picture's size.</param>
    /// <param name="geometry">How the picture lies in the model's input, as <see cref="ImageEmbedding.Geometry"/> has it.</param>
    /// <exception cref="ArgumentException">The mask is not of the picture's size.</exception>
    public static MaskLogits From(BinaryMask mask, ImageGeometry geometry)
    {
        ArgumentNullException.ThrowIfNull(mask);
        ArgumentNullException.ThrowIfNull(geometry);
        if (mask.Width != geometry.Width || mask.Height != geometry.Height)
        {
            throw new ArgumentException(
                $"a mask of {mask.Width}x{mask.Height} is not of the size of the picture, "
                + $"{geometry.Width}x{geometry.Height}", nameof(mask));
        }

        return new MaskLogits(geometry.MaskSide, MaskShrinker.Run(mask, geometry));
    }

    /// <summary>Rows and columns, the input's padding included.</summary>
    public int Side { get; }

    /// <summary>The values, row by row.</summary>
    public ReadOnlySpan<float> Values => _values;
}
