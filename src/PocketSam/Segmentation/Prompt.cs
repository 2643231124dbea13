using System.Collections.Immutable;
using System.Globalization;
using PocketSam.Masks;

namespace PocketSam;

/// <summary>
/// Specifies an object: points on it and off it, at most one box around it, and at most one initial mask. Immutable.
/// Coordinates are pixels of the upright picture, x to the right, y down.
/// </summary>
public sealed class Prompt
{
    // Immutable lists share structure between a prompt and its extensions: adding n points takes n log n.
    private readonly ImmutableList<PromptPoint> _points;

    private Prompt(
        ImmutableList<PromptPoint> points, PromptBox? box, MaskLogits? previous = null, BinaryMask? initial = null)
    {
        _points = points;
        BoundingBox = box;
        PreviousLogits = previous;
        InitialMask = initial;
    }

    /// <summary>The points, in the order given.</summary>
    public IReadOnlyList<PromptPoint> Points => _points;

    /// <summary>The box; null for none.</summary>
    public PromptBox? BoundingBox { get; }

    /// <summary>The model's own mask to refine; null for none, and if there is an <see cref="InitialMask"/>.</summary>
    public MaskLogits? PreviousLogits { get; }

    /// <summary>An initial mask of pixels; null for none, and if there are <see cref="PreviousLogits"/>.</summary>
    public BinaryMask? InitialMask { get; }

    /// <summary>Whether there is a mask of either kind.</summary>
    internal bool HasMask => PreviousLogits is not null || InitialMask is not null;

    /// <summary>Whether several objects may be meant: one point and nothing else.</summary>
    internal bool IsAmbiguous => Points.Count == 1 && BoundingBox is null && !HasMask;

    /// <summary>A point on the object or off it, in pixels.</summary>
    /// <exception cref="PromptException">A coordinate is not a finite number.</exception>
    public static Prompt Point(double x, double y, bool isForeground = true)
        => new Prompt([], null).WithPoint(x, y, isForeground);

    /// <summary>A box around the object, in pixels.</summary>
    /// <exception cref="PromptException">An edge is not a finite
    /// number, or the box has no area or is inside out.</exception>
    public static Prompt Box(double left, double top, double right, double bottom)
        => new Prompt([], null).WithBox(left, top, right, bottom);

    /// <summary>A box around the object, for instance <see cref="PocketSam.Mask.Box"/>.</summary>
    /// <exception cref="PromptException">The box is empty.</exception>
    public static Prompt Box(PixelBox box) => Box(box.X, box.Y, box.Right, box.Bottom);

    /// <summary>
    /// A mask of the object alone. SAM allows it, but its training always adds points, so the result may differ much
    /// from the mask. <see cref="Refine"/> is usually the better choice.
    /// </summary>
    /// <param name="initial">As for <see cref="WithMask(BinaryMask)"/>.</param>
    /// <exception cref="PromptException">The mask is empty.</exception>
    public static Prompt Mask(BinaryMask initial) => new Prompt([], null).WithMask(initial);

    /// <summary>A mask of the model's own alone, as weak a hint as one of pixels.</summary>
    /// <param name="previous">As for <see cref="WithMask(MaskLogits)"/>.</param>
    public static Prompt Mask(MaskLogits previous) => new Prompt([], null).WithMask(previous);

    /// <summary>A mask of the object with a point at its pixel farthest from its edge.</summary>
    /// <param name="initial">As for <see cref="WithMask(BinaryMask)"/>.</param>
    /// <exception cref="PromptException">The mask is empty.</exception>
    public static Prompt Refine(BinaryMask initial)
    {
        Prompt mask = Mask(initial);
        (int x, int y) = DistanceTransform.FarthestFromEdge(initial)!.Value;
        return mask.WithPoint(x, y);
    }

    /// <summary>This prompt with another point, in pixels.</summary>
    /// <exception cref="PromptException">A coordinate is not a finite number.</exception>
    public Prompt WithPoint(double x, double y, bool isForeground = true)
    {
        if (!double.IsFinite(x) || !double.IsFinite(y))
            throw new PromptException(Text($"point {x},{y}: coordinates must be finite numbers"));
        return new Prompt(
            _points.Add(new PromptPoint(x, y, isForeground)), BoundingBox, PreviousLogits, InitialMask);
    }

    /// <summary>This prompt with a box, in pixels, which replaces an earlier one.</summary>
    /// <exception cref="PromptException">An edge is not a finite
    /// number, or the box has no area or is inside out.</exception>
    public Prompt WithBox(double left, double top, double right, double bottom)
    {
        var box = new PromptBox(left, top, right, bottom);
        if (!double.IsFinite(left) || !double.IsFinite(top) || !double.IsFinite(right) || !double.IsFinite(bottom))
            throw new PromptException($"{Describe(box)}: edges must be finite numbers");
        if (right < left || bottom < top)
            throw new PromptException($"{Describe(box)}: inside out, give left, top, right, bottom");
        if (right == left || bottom == top)
            throw new PromptException($"{Describe(box)}: has no area");
        return new Prompt(_points, box, PreviousLogits, InitialMask);
    }

    /// <summary>
    /// This prompt with a mask from an earlier result for the same
    /// <see cref="ImageEmbedding"/>, which replaces an earlier mask.
    /// </summary>
    public Prompt WithMask(MaskLogits previous)
    {
        ArgumentNullException.ThrowIfNull(previous);
        return new Prompt(_points, BoundingBox, previous);
    }

    /// <summary>
    /// This prompt with a mask of pixels, drawn by hand, made by another program, or kept from another picture, which
    /// replaces an earlier mask. The model's input is logits; <see cref="MaskLogits.From"/> defines the conversion.
    /// </summary>
    /// <param name="initial">A mask of the picture's size; it is copied.</param>
    /// <exception cref="PromptException">The mask is empty.</exception>
    public Prompt WithMask(BinaryMask initial)
    {
        ArgumentNullException.ThrowIfNull(initial);
        if (initial.Bounds.IsEmpty)
            throw new PromptException("the mask to start from is empty");
        return new Prompt(_points, BoundingBox, initial: initial.Clone());
    }

    /// <summary>
    /// Checks that the prompt fits a picture; a prediction does so itself. A box may extend beyond the picture, as a
    /// detector's often does by a fraction of a pixel; the part inside is used.
    /// </summary>
    /// <param name="geometry">The picture's geometry (<see cref="ImageEmbedding.Geometry"/>).</param>
    /// <exception cref="PromptException">The prompt does not fit; the message says why.</exception>
    public void Validate(ImageGeometry geometry)
    {
        ArgumentNullException.ThrowIfNull(geometry);
        string picture = $"the picture of {geometry.Width}x{geometry.Height}";
        foreach (PromptPoint point in Points)
        {
            if (point.X < 0 || point.Y < 0 || point.X >= geometry.Width || point.Y >= geometry.Height)
                throw new PromptException(Text($"point {point.X},{point.Y}: outside {picture}"));
        }

        if (BoundingBox is { } box)
        {
            PromptBox inside = box.Within(geometry.Width, geometry.Height);
            if (inside.Right <= inside.Left || inside.Bottom <= inside.Top)
                throw new PromptException($"{Describe(box)}: lies outside {picture}");
        }

        if (PreviousLogits is { } logits && logits.Side != geometry.MaskSide)
        {
            throw new PromptException(
                $"previous logits of {logits.Side}x{logits.Side}: a picture encoded at {geometry.InputSize} pixels "
                + $"takes {geometry.MaskSide}x{geometry.MaskSide}");
        }

        if (InitialMask is { } mask && (mask.Width != geometry.Width || mask.Height != geometry.Height))
            throw new PromptException($"mask of {mask.Width}x{mask.Height}: of another size than {picture}");
    }

    /// <summary>
    /// This prompt in the pixels of a part of the picture, which has all points and all of an initial mask in it.
    /// </summary>
    /// <param name="window">The part.</param>
    /// <param name="logits">The previous logits at the part's places; null for none.</param>
    internal Prompt InWindow(PixelBox window, MaskLogits? logits) => new(
        [.. _points.Select(point => point with { X = point.X - window.X, Y = point.Y - window.Y })],
        BoundingBox is not { } box ? null : new PromptBox(
            box.Left - window.X, box.Top - window.Y, box.Right - window.X, box.Bottom - window.Y),
        logits, InitialMask?.Crop(window));

    private static string Describe(PromptBox box) => Text($"box {box.Left},{box.Top},{box.Right},{box.Bottom}");

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
