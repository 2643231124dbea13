namespace PocketSam.Tests.Kernels;

/// <summary>Convolutions, pixel by pixel.</summary>
internal static partial class Reference
{
    /// <summary>
    /// Calls <paramref name="visit"/>(output pixel, tap, input pixel) for each pair of an output pixel and a tap of the
    /// kernel; the input pixel is -1 where the tap lies outside of the picture.
    /// </summary>
    public static void Taps(
        int batch, int height, int width, int kernel, int stride, int padding, int outHeight, int outWidth,
        Action<int, int, int> visit)
    {
        for (int b = 0; b < batch; b++)
            for (int oy = 0; oy < outHeight; oy++)
                for (int ox = 0; ox < outWidth; ox++)
                    for (int ky = 0; ky < kernel; ky++)
                        for (int kx = 0; kx < kernel; kx++)
                        {
                            int y = oy * stride + ky - padding, x = ox * stride + kx - padding;
                            bool inside = y >= 0 && y < height && x >= 0 && x < width;
                            visit(
                                (b * outHeight + oy) * outWidth + ox, ky * kernel + kx,
                                inside ? (b * height + y) * width + x : -1);
                        }
    }
}
