namespace PocketSam.Segmentation.Instances;

/// <summary>A box by its edges in single precision, as in a detector's arithmetic.</summary>
internal readonly record struct EdgeBox(float Left, float Top, float Right, float Bottom)
{
    public float Area => (Right - Left) * (Bottom - Top);

    /// <summary>Intersection over union, 0 to 1.</summary>
    public float Iou(EdgeBox other)
    {
        float width = Math.Max(0, Math.Min(Right, other.Right) - Math.Max(Left, other.Left));
        float height = Math.Max(0, Math.Min(Bottom, other.Bottom) - Math.Max(Top, other.Top));
        float both = width * height;
        return both == 0 ? 0 : both / (Area + other.Area - both);
    }

    /// <summary>The part of the box in a picture of this size in pixels.</summary>
    public EdgeBox Within(int width, int height) => new(
        Math.Clamp(Left, 0, width), Math.Clamp(Top, 0, height), Math.Clamp(Right, 0, width), Math.Clamp(Bottom, 0, height));

    /// <summary>
    /// Snaps edges within 20 pixels of the frame's to the frame; a box that covers most of the frame becomes the frame.
    /// A step of FastSAM's own.
    /// </summary>
    public EdgeBox Snapped(int width, int height)
    {
        const float Distance = 20, MostOfFrame = 0.9f;
        var snapped = new EdgeBox(
            Left < Distance ? 0 : Left, Top < Distance ? 0 : Top, Right > width - Distance ? width : Right,
            Bottom > height - Distance ? height : Bottom);
        var frame = new EdgeBox(0, 0, width, height);
        return snapped.Iou(frame) > MostOfFrame ? frame : snapped;
    }

    /// <summary>The pixels from the left and upper edge (inclusive) to the right and lower edge (exclusive).</summary>
    public PixelBox Pixels(int width, int height)
    {
        int x = Math.Clamp((int)MathF.Ceiling(Left), 0, width), y = Math.Clamp((int)MathF.Ceiling(Top), 0, height);
        int right = Math.Clamp((int)MathF.Ceiling(Right), x, width), bottom = Math.Clamp((int)MathF.Ceiling(Bottom), y, height);
        return new PixelBox(x, y, right - x, bottom - y);
    }
}
