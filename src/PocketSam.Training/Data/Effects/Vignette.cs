namespace PocketSam.Training.Data.Effects;

/// <summary>Darkens with the square of the distance from the centre.</summary>
internal static class Vignette
{
    /// <summary>Darkens the corners by the given fraction, 0 to 1.</summary>
    public static void Apply(PlanarImage image, float strength)
    {
        float halfWidth = 0.5f * image.Width, halfHeight = 0.5f * image.Height;
        float perSquare = strength / (halfWidth * halfWidth + halfHeight * halfHeight);
        Span<float> red = image.Red, green = image.Green, blue = image.Blue;
        for (int y = 0; y < image.Height; y++)
        {
            float dy = y + 0.5f - halfHeight;
            for (int x = 0; x < image.Width; x++)
            {
                float dx = x + 0.5f - halfWidth;
                float factor = 1 - perSquare * (dx * dx + dy * dy);
                int i = y * image.Width + x;
                red[i] *= factor;
                green[i] *= factor;
                blue[i] *= factor;
            }
        }
    }
}
