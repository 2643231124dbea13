namespace PocketSam;

/// <summary>
/// All masks found by <see cref="FastSam"/> in a picture. Prompts select among them without running the network again.
/// </summary>
public sealed class FastSamResult
{
    internal FastSamResult(int width, int height, IReadOnlyList<GeneratedMask> masks)
        => (Width, Height, Masks) = (width, height, masks);

    /// <summary>Pixels in a row of the picture.</summary>
    public int Width { get; }

    /// <summary>Rows of the picture.</summary>
    public int Height { get; }

    /// <summary>
    /// The masks, the most confident first; they may overlap. <see cref="GeneratedMask.PredictedIou"/> is the
    /// detector's confidence, which says that there is an object but little about its outline.
    /// </summary>
    public IReadOnlyList<GeneratedMask> Masks { get; }

    /// <summary>The mask that a prompt selects; null if none fits.</summary>
    /// <param name="prompt">Points on the object and off it select the masks that contain all of the former and none of
    /// the latter. A box selects, among the masks that fit the points, if any, the one with the largest IoU with the
    /// box's pixels, above 0. Mask prompts are not supported.</param>
    /// <param name="choice">Which of several masks that fit the points to select if there is no box; among equals the
    /// more confident.</param>
    /// <exception cref="PromptException">The prompt is outside the picture, has a mask, or has neither a point on the
    /// object nor a box.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The choice is not defined.</exception>
    public GeneratedMask? Select(Prompt prompt, PointChoice choice = PointChoice.Confident)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        if (!Enum.IsDefined(choice))
            throw new ArgumentOutOfRangeException(nameof(choice), choice, "no such choice");
        if (prompt.HasMask)
            throw new PromptException("FastSAM selects by points and boxes: it takes no mask to start from");
        if (prompt.BoundingBox is null && !prompt.Points.Any(point => point.IsForeground))
            throw new PromptException("FastSAM selects by a box or by points on the object: give at least one");
        prompt.Validate(ImageGeometry.For(Width, Height, SamConfig.EmbeddingStride * 4));

        IEnumerable<GeneratedMask> fitting = Masks.Where(mask => prompt.Points.All(point => Holds(mask, point) == point.IsForeground));
        if (prompt.BoundingBox is { } box)
        {
            PixelBox region = PixelsOf(box);
            return fitting.Select(mask => new { Mask = mask, Iou = Iou(mask, region) }).Where(found => found.Iou > 0)
                .MaxBy(found => found.Iou)?.Mask;
        }

        return choice == PointChoice.Confident ? fitting.FirstOrDefault() : fitting.MinBy(mask => mask.Area);
    }

    /// <summary>Intersection over union of a mask and a box's pixels, 0 to 1.</summary>
    internal static double Iou(GeneratedMask mask, PixelBox region)
    {
        if (region.IsEmpty)
            return 0;
        long both = mask.Segmentation.Crop(region).Area, all = (long)region.Width * region.Height + mask.Area - both;
        return (double)both / all;
    }

    /// <summary>The pixels whose centres are in a box.</summary>
    internal PixelBox PixelsOf(PromptBox box)
    {
        PromptBox inside = box.Within(Width, Height);
        int left = (int)Math.Ceiling(inside.Left - 0.5), top = (int)Math.Ceiling(inside.Top - 0.5);
        int right = (int)Math.Floor(inside.Right - 0.5) + 1, bottom = (int)Math.Floor(inside.Bottom - 0.5) + 1;
        return new PixelBox(left, top, right - left, bottom - top);
    }

    private bool Holds(GeneratedMask mask, PromptPoint point)
    {
        int x = Math.Min((int)Math.Round(point.X), Width - 1), y = Math.Min((int)Math.Round(point.Y), Height - 1);
        PixelBox box = mask.Box;
        return x >= box.X && x < box.Right && y >= box.Y && y < box.Bottom && mask.Segmentation.Crop(new PixelBox(x, y, 1, 1)).Area == 1;
    }
}
