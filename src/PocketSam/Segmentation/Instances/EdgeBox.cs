namespace PocketSam.Segmentation.Instances;

/// <summary>A box by its edges in single precision, as detectors compute with.</summary>
internal readonly record struct EdgeBox(float Left, float Top, float Right, float Bottom)
{
    public float Area => (Right - Left) * (Bottom - Top);

    /// <summary>Intersection over union.</summary>
    public float Iou(EdgeBox other)
    {
        float width = Math.Max(0, Math.Min(Right, other.Right) - Math.Max(Left, other.Left));
        float height = Math.Max(0, Math.Min(Bottom, other.Bottom) - Math.Max(Top, other.Top));
        float both = width * height;
        return both == 0 ? 0 : both / (Area + other.Area - both);
    }

    /// <summary>The part inside of a picture.</summary>
    public EdgeBox Within(int width, int height) => new(
        Math.Clamp(Left, 0, width), Math.Clamp(Top, 0, height), Math.Clamp(Right, 0, width), Math.Clamp(Bottom, 0, height));

    /// <summary>Edges within a distance of a frame's go there, and a box with most of the frame becomes the frame: FastSAM's own step.</summary>
    public EdgeBox Snapped(int width, int height)
    {
        const float Distance = 20, MostOfFrame = 0.9f;
        var snapped = new EdgeBox(
            Left < Distance ? 0 : Left, Top < Distance ? 0 : Top, Right > width - Distance ? width : Right,
            Bottom > height - Distance ? height : Bottom);
        var frame = new EdgeBox(0, 0, width, height);
        return snapped.Iou(frame) > MostOfFrame ? frame : snapped;
    }

    /// <summary>The pixels from the left and upper edge up to and without those on the right and lower one.</summary>
    public PixelBox Pixels(int width, int height)
    {
        int x = Math.Clamp((int)MathF.Ceiling(Left), 0, width), y = Math.Clamp((int)MathF.Ceiling(Top), 0, height);
        int right = Math.Clamp((int)MathF.Ceiling(Right), x, width), bottom = Math.Clamp((int)MathF.Ceiling(Bottom), y, height);
        return new PixelBox(x, y, right - x, bottom - y);
    }
}
