using PocketSam.Segmentation;

namespace PocketSam;

/// <summary>
/// A mask as the model's low-resolution logits, which <see cref="Prompt.WithMask(MaskLogits)"/> returns to the model
/// for refinement.
/// </summary>
public sealed class MaskLogits
{
    private readonly float[] _values;

    /// <summary>Copies logits.</summary>
    /// <param name="side">Rows and columns: a quarter of the input size in pixels.</param>
    /// <param name="values"><c>[side, side]</c> finite values, above zero inside the mask.</param>
    /// <exception cref="ArgumentException">The number of values is another, or a value is not finite.</exception>
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

    /// <summary>Wraps an array without copying or checking it.</summary>
    internal MaskLogits(int side, float[] values)
    {
        Side = side;
        _values = values;
    }

    /// <summary>
    /// Logits for a mask of pixels. Each value covers a square of the model's input. The fraction <c>c</c> of the
    /// square that belongs to the mask, clamped to 0.001 ... 0.999, becomes <c>ln(c / (1 - c))</c>: from -6.9 outside
    /// to 6.9 inside, 0 where the edge halves the square. For a square that crosses the picture's edge, the fraction is
    /// that of the part in the picture; padding is outside.
    /// </summary>
    /// <param name="mask">A mask of the picture's size.</param>
    /// <param name="geometry">The place of the picture in the model's input
    /// (<see cref="ImageEmbedding.Geometry"/>).</param>
    /// <exception cref="ArgumentException">The mask does not have the picture's size.</exception>
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

    /// <summary>Rows and columns, including the input's padding.</summary>
    public int Side { get; }

    /// <summary>The values, <c>[Side, Side]</c>, row-major.</summary>
    public ReadOnlySpan<float> Values => _values;
}
