using PocketSam.Imaging;

namespace PocketSam.Load;

/// <summary>Pictures to click on.</summary>
internal static class Pictures
{
    /// <summary>A photo as large as a phone takes it: a sample, stretched.</summary>
    public static byte[] TwelveMegapixels(byte[] sample)
    {
        RgbImage small = ImageFile.Decode(sample, "sample");
        var large = new RgbImage(4032, 3024);
        for (int y = 0; y < large.Height; y++)
        {
            int fromRow = y * small.Height / large.Height * small.Width;
            for (int x = 0; x < large.Width; x++)
            {
                int from = 3 * (fromRow + x * small.Width / large.Width), to = 3 * (y * large.Width + x);
                small.Pixels.AsSpan(from, 3).CopyTo(large.Pixels.AsSpan(to));
            }
        }

        return ImageFile.EncodeJpeg(large, 85);
    }
}
