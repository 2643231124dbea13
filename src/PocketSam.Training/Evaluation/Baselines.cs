namespace PocketSam.Training.Evaluation;

/// <summary>Masks made from the object's box without a model, as baselines.</summary>
public static class Baselines
{
    /// <summary>All pixels of the box.</summary>
    /// <param name="width">Width of the picture, in pixels.</param>
    /// <param name="height">Height of the picture, in pixels.</param>
    /// <param name="box">A box within the picture.</param>
    /// <exception cref="ArgumentOutOfRangeException">The box extends beyond the picture.</exception>
    public static BinaryMask Box(int width, int height, PixelBox box)
    {
        var mask = new BinaryMask(width, height);
        mask.Fill(box);
        return mask;
    }

    /// <summary>The pixels whose centres are in the ellipse inscribed in the box.</summary>
    /// <param name="width">Width of the picture, in pixels.</param>
    /// <param name="height">Height of the picture, in pixels.</param>
    /// <param name="box">A box within the picture.</param>
    /// <exception cref="ArgumentOutOfRangeException">The box extends beyond the picture.</exception>
    public static BinaryMask Ellipse(int width, int height, PixelBox box)
    {
        var mask = new BinaryMask(width, height);
        double radiusX = box.Width / 2.0;
        double radiusY = box.Height / 2.0;
        double centreX = box.X + radiusX;
        double centreY = box.Y + radiusY;
        for (int y = box.Y; y < box.Bottom; y++)
        {
            double offset = (y + 0.5 - centreY) / radiusY;
            double reach = radiusX * Math.Sqrt(1 - offset * offset);
            int start = (int)Math.Ceiling(centreX - reach - 0.5);
            int end = (int)Math.Floor(centreX + reach - 0.5) + 1;
            mask.SetSpan(y, start, Math.Max(start, end));
        }

        return mask;
    }
}
