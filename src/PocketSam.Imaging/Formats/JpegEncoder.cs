using System.Runtime.InteropServices;
using PocketSam.Imaging.Native;

namespace PocketSam.Imaging.Formats;

internal static class JpegEncoder
{
    private const int MaxSide = 65500;

    // From here on colours are meant to be kept: thin coloured outlines would bleed with halved chroma.
    private const int FullChromaQuality = 90;

    public static unsafe byte[] Encode(RgbImage image, int quality, string name)
    {
        if (image.Width > MaxSide || image.Height > MaxSide)
        {
            throw new ImageFormatException(
                name, $"{image.Width}x{image.Height} is too large for a JPEG ({MaxSide} a side)");
        }

        NativeDependency.TurboJpeg.Require();
        nint handle = NativeTurboJpeg.InitCompress();
        if (handle == 0)
            throw new OutOfMemoryException("TurboJPEG cannot start");
        nint jpeg = 0;
        CULong size = default;
        try
        {
            int status = NativeTurboJpeg.Compress(
                handle,
                image.Pixels,
                image.Width,
                pitch: 0,
                image.Height,
                NativeTurboJpeg.PixelFormatRgb,
                ref jpeg,
                ref size,
                quality >= FullChromaQuality ? NativeTurboJpeg.Subsampling444 : NativeTurboJpeg.Subsampling420,
                quality,
                NativeTurboJpeg.FlagAccurateDct);
            if (status != 0)
            {
                throw new ImageFormatException(
                    name, $"cannot be written as JPEG ({NativeTurboJpeg.GetMessage(handle)})");
            }

            return new ReadOnlySpan<byte>((void*)jpeg, checked((int)size.Value)).ToArray();
        }
        finally
        {
            NativeTurboJpeg.Free(jpeg);
            NativeTurboJpeg.Destroy(handle);
        }
    }
}
