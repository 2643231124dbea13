using System.Runtime.InteropServices;
using BitMiracle.LibTiff.Classic;

namespace PocketSam.Imaging.Formats;

/// <summary>
/// The first page of a TIFF, decoded by LibTiff.NET: grey and RGB of 8 and 16 bits in strips or tiles, 16 bits scaled
/// by <see cref="SampleScale"/>, alpha dropped. Other kinds of at most 8 bits (palettes, black and white, CMYK, YCbCr)
/// are converted to RGB by LibTiff.
/// </summary>
internal sealed class TiffDecoder : PictureDecoder
{
    protected override string Format => "TIFF";

    public override PictureHeader ReadHeader(PictureSource source)
        => Read(source, (tiff, _) =>
        {
            TiffPage page = TiffPage.Of(tiff);
            return new PictureHeader(page.Width, page.Height, page.Orientation);
        });

    protected override bool Recognises(ReadOnlySpan<byte> bytes)
        => bytes.StartsWith("II*\0"u8) || bytes.StartsWith("MM\0*"u8);

    protected override void DecodePixels(
        PictureSource source, RgbImage stored, ImageReadOptions options, CancellationToken cancellation)
    {
        string name = source.Name;
        Read(source, (tiff, messages) =>
        {
            TiffPage page = TiffPage.Of(tiff);
            if (!page.HasPlainSamples)
            {
                DecodeConverted(tiff, page, stored);
            }
            else
            {
                var samples = new TiffSamples(tiff, page, stored, cancellation);
                int greatest = samples.Read(page.Bits == 8 ? 8 : options.SampleBits ?? SampleScale.FullBits);
                if (page.Bits == SampleScale.FullBits)
                {
                    int used = options.SampleBits ?? SampleScale.BitsOf(greatest);
                    if (used < SampleScale.FullBits && options.SampleBits is null)
                        samples.Read(used);
                    SampleScale.Report(name, stored.Pixels, used, options.Notice);
                }
            }

            if (messages.Error is not null)
                throw new TiffException(messages.Error);
            if (!tiff.LastDirectory())
                options.Notice?.Invoke($"{name}: a TIFF of several pages; the first one is read");
            return true;
        });
    }

    private static void DecodeConverted(Tiff tiff, TiffPage page, RgbImage stored)
    {
        if (!tiff.RGBAImageOK(out string reason))
            throw new TiffException(reason);
        int[] raster = new int[checked(page.Width * page.Height)];

        // Decoded as stored: the orientation is applied later.
        var asStored = (BitMiracle.LibTiff.Classic.Orientation)page.Orientation;
        if (!tiff.ReadRGBAImageOriented(page.Width, page.Height, raster, asStored, stopOnError: true))
            throw new TiffException("its data cannot be decoded");
        stored.SetRows(
            0, page.Height, MemoryMarshal.AsBytes<int>(raster), PixelLayout.Rgba);
    }

    /// <summary>
    /// Runs a read and reports any exception that LibTiff throws for a damaged file as an <see
    /// cref="ImageFormatException"/>.
    /// </summary>
    private static T Read<T>(PictureSource source, Func<Tiff, TiffSource, T> read)
    {
        TiffSource.Messages.Install();
        var stream = new TiffSource(source.Bytes.ToArray());
        try
        {
            TiffDirectory.RequireInside(source.Bytes);
            using Tiff tiff = Tiff.ClientOpen(source.Name, "r", stream, stream)
                ?? throw new TiffException(stream.Error ?? "bad header");
            return read(tiff, stream);
        }
        catch (TiffException e)
        {
            throw source.Error($"damaged TIFF ({Line(stream.Error ?? e.Message)})");
        }
        catch (NotSupportedException e)
        {
            throw source.Error(Line(e.Message));
        }
        catch (Exception e) when (e is not (OperationCanceledException or OutOfMemoryException))
        {
            throw source.Error($"damaged TIFF ({Line(stream.Error ?? e.Message)})");
        }
    }

    private static string Line(string message) => message.ReplaceLineEndings(" ").Trim();
}
