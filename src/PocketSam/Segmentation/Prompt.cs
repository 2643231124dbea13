using System.Globalization;

namespace PocketSam.Segmentation;

/// <summary>
/// Says which object is meant: points on it and off it, at most one box around it, at most one mask to start from.
/// Coordinates are pixels of the upright picture, x to the right, y down.
/// </summary>
public sealed class Prompt
{
    private Prompt(IReadOnlyList<PromptPoint> points, PromptBox? box, MaskLogits? previous)
    {
        Points = points;
        BoundingBox = box;
        PreviousLogits = previous;
    }

    /// <summary>The points, in the order given.</summary>
    public IReadOnlyList<PromptPoint> Points { get; }

    /// <summary>The box, if there is one.</summary>
    public PromptBox? BoundingBox { get; }

    /// <summary>The mask to be refined, if there is one.</summary>
    public MaskLogits? PreviousLogits { get; }

    /// <summary>Whether several objects may well be meant: one point and nothing else.</summary>
    internal bool IsAmbiguous => Points.Count == 1 && BoundingBox is null && PreviousLogits is null;

    /// <summary>A point on the object, or off it.</summary>
    /// <exception cref="PromptException">A coordinate is not a finite number.</exception>
    public static Prompt Point(double x, double y, bool isForeground = true)
        => new Prompt([], null, null).WithPoint(x, y, isForeground);

    /// <summary>A box around the object.</summary>
    /// <exception cref="PromptException">
    /// An edge is not a finite number, or the box has no area or is inside out.
    /// </exception>
    public static Prompt Box(double left, double top, double right, double bottom)
        => new Prompt([], null, null).WithBox(left, top, right, bottom);

    /// <summary>A box around the object, for instance <see cref="Mask.Box"/>.</summary>
    /// <exception cref="PromptException">The box is empty.</exception>
    public static Prompt Box(PixelBox box) => Box(box.X, box.Y, box.Right, box.Bottom);

    /// <summary>The same with a further point.</summary>
    /// <exception cref="PromptException">A coordinate is not a finite number.</exception>
    public Prompt WithPoint(double x, double y, bool isForeground = true)
    {
        if (!double.IsFinite(x) || !double.IsFinite(y))
            throw new PromptException(Text($"point {x},{y}: coordinates must be finite numbers"));
        return new Prompt([.. Points, new PromptPoint(x, y, isForeground)], BoundingBox, PreviousLogits);
    }

    /// <summary>The same with this box in place of any other.</summary>
    /// <exception cref="PromptException">
    /// An edge is not a finite number, or the box has no area or is inside out.
    /// </exception>
    public Prompt WithBox(double left, double top, double right, double bottom)
    {
        var box = new PromptBox(left, top, right, bottom);
        if (!double.IsFinite(left) || !double.IsFinite(top) || !double.IsFinite(right) || !double.IsFinite(bottom))
            throw new PromptException($"{Describe(box)}: edges must be finite numbers");
        if (right < left || bottom < top)
            throw new PromptException($"{Describe(box)}: inside out, give left, top, right, bottom");
        if (right == left || bottom == top)
            throw new PromptException($"{Describe(box)}: has no area");
        return new Prompt(Points, box, PreviousLogits);
    }

    /// <summary>
    /// The same with a mask of an earlier answer for the same <see cref="ImageEmbedding"/>, in place of any other.
    /// </summary>
    public Prompt WithMask(MaskLogits previous)
    {
        ArgumentNullException.ThrowIfNull(previous);
        return new Prompt(Points, BoundingBox, previous);
    }

    /// <summary>Refuses what does not lie in the picture.</summary>
    /// <exception cref="PromptException">Says what does not.</exception>
    internal void Validate(ImageGeometry geometry)
    {
        string picture = $"the picture of {geometry.Width}x{geometry.Height}";
        foreach (PromptPoint point in Points)
        {
            if (point.X < 0 || point.Y < 0 || point.X >= geometry.Width || point.Y >= geometry.Height)
                throw new PromptException(Text($"point {point.X},{point.Y}: outside {picture}"));
        }

        if (BoundingBox is { } box
            && (box.Left < 0 || box.Top < 0 || box.Right > geometry.Width || box.Bottom > geometry.Height))
        {
            throw new PromptException($"{Describe(box)}: reaches outside {picture}");
        }

        if (PreviousLogits is { } logits && logits.Side != geometry.MaskSide)
        {
            throw new PromptException(
                $"previous logits of {logits.Side}x{logits.Side}: a picture encoded at {geometry.InputSize} pixels "
                + $"takes {geometry.MaskSide}x{geometry.MaskSide}");
        }
    }

    private static string Describe(PromptBox box) => Text($"box {box.Left},{box.Top},{box.Right},{box.Bottom}");

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
