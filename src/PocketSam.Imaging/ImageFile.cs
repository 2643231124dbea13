using PocketSam.Imaging.Formats;

namespace PocketSam.Imaging;

/// <summary>
/// Reads JPEG, PNG, WebP, TIFF, GIF, BMP and ICO pictures, upright and as 8-bit RGB, and writes PNG, JPEG and WebP.
/// </summary>
/// <remarks>
/// <para>The first bytes of a file determine its format, not its name. A stored orientation is applied. Greyscale and
/// palettes become RGB; alpha is dropped without compositing; CMYK is read as Adobe writes it (255 is no ink) and
/// becomes <c>c * k / 255</c>; gamma and colour profiles are not applied. JPEG pixels equal those of libjpeg's default
/// settings.</para>
/// <para>16-bit samples become <c>round(v / 257)</c>. If no sample of a picture needs all 16 bits, they are stretched;
/// see <see cref="ImageReadOptions.SampleBits"/>. A GIF gives its first frame, a TIFF its first page, an icon its
/// largest picture.</para>
/// <para>A truncated picture is refused. A JPEG with other damage is read if libjpeg can continue after it.</para>
/// <para>The number of pixels, and for a JPEG scans times pixels, is checked before decoding, which bounds the time.
/// Cancellation is checked between some rows of a JPEG or TIFF, and before and after decoding any other format.</para>
/// <para>All members are thread-safe. They need SkiaSharp's native library, which its packages contain for Linux, macOS
/// and Windows.</para>
/// </remarks>
public static class ImageFile
{
    /// <summary>Default limit of a picture's pixels: 64 million, 192 MB as RGB.</summary>
    public const int MaxPixels = 64_000_000;

    /// <summary>Number of leading bytes of a file that identify its format.</summary>
    public const int SignatureLength = PictureDecoder.SignatureLength;

    /// <summary>The extensions that <see cref="Write(string, RgbImage, int)"/> supports, in lower case.</summary>
    public static IReadOnlyList<string> WrittenExtensions { get; } = [".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".webp"];

    /// <summary>Default quality of JPEG and WebP.</summary>
    public const int DefaultQuality = 95;

    // RGB and intermediate RGBA pixels must fit into an array.
    internal static readonly int PixelLimit = Array.MaxLength / 4;

    /// <summary>Reads a picture.</summary>
    /// <param name="path">The file.</param>
    /// <param name="maxPixels">
    /// Largest number of pixels, 1 to 536 million. A larger picture is refused by its header, before memory is
    /// allocated for it.
    /// </param>
    /// <returns>The upright picture.</returns>
    /// <exception cref="ImageFormatException">
    /// The file is not a supported picture, is damaged or truncated, or is too large.
    /// </exception>
    /// <exception cref="FileNotFoundException">The file does not exist.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="MissingLibraryException">SkiaSharp's native library is missing.</exception>
    public static RgbImage Read(string path, int maxPixels = MaxPixels) => Decode(ReadBytes(path), path, maxPixels);

    /// <summary>Reads a picture.</summary>
    /// <param name="path">The file.</param>
    /// <param name="options">Limits, 16-bit samples, and callbacks for what is not read.</param>
    /// <param name="cancellationToken">Checked between some rows.</param>
    /// <returns>The upright picture.</returns>
    /// <exception cref="ImageFormatException">
    /// The file is not a supported picture, is damaged or truncated, or is too large.
    /// </exception>
    /// <exception cref="FileNotFoundException">The file does not exist.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="MissingLibraryException">SkiaSharp's native library is missing.</exception>
    public static RgbImage Read(string path, ImageReadOptions options, CancellationToken cancellationToken = default)
        => Decode(ReadBytes(path), path, options, cancellationToken);

    /// <summary>
    /// Reads a picture file from a stream, up to its end, such as an upload, a resource or an entry of an archive.
    /// </summary>
    /// <param name="stream">The stream, at the first byte of the file. It is left open.</param>
    /// <param name="name">Name of the picture in error messages.</param>
    /// <param name="options">Limits, 16-bit samples, and callbacks for what is not read; null for the defaults.</param>
    /// <param name="cancellationToken">Checked between some rows.</param>
    /// <returns>The upright picture.</returns>
    /// <exception cref="ImageFormatException">
    /// The file is not a supported picture, is damaged or truncated, or is too large.
    /// </exception>
    /// <exception cref="IOException">The stream cannot be read.</exception>
    /// <exception cref="MissingLibraryException">SkiaSharp's native library is missing.</exception>
    public static RgbImage Read(
        Stream stream, string name, ImageReadOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(name);
        return Decode(ReadBytes(stream, name), name, options ?? new ImageReadOptions(), cancellationToken);
    }

    /// <summary>Decodes a picture file in memory.</summary>
    /// <param name="data">The bytes of the file.</param>
    /// <param name="name">Name of the picture in error messages.</param>
    /// <param name="maxPixels">
    /// Largest number of pixels, 1 to 536 million. A larger picture is refused by its header, before memory is
    /// allocated for it.
    /// </param>
    /// <returns>The upright picture.</returns>
    /// <exception cref="ImageFormatException">
    /// The file is not a supported picture, is damaged or truncated, or is too large.
    /// </exception>
    /// <exception cref="MissingLibraryException">SkiaSharp's native library is missing.</exception>
    public static RgbImage Decode(ReadOnlySpan<byte> data, string name, int maxPixels = MaxPixels)
        => Decode(data, name, new ImageReadOptions { MaxPixels = maxPixels });

    /// <summary>Decodes a picture file in memory.</summary>
    /// <param name="data">The bytes of the file.</param>
    /// <param name="name">Name of the picture in error messages.</param>
    /// <param name="options">Limits, 16-bit samples, and callbacks for what is not read.</param>
    /// <param name="cancellationToken">Checked between some rows.</param>
    /// <returns>The upright picture.</returns>
    /// <exception cref="ImageFormatException">
    /// The file is not a supported picture, is damaged or truncated, or is too large.
    /// </exception>
    /// <exception cref="MissingLibraryException">SkiaSharp's native library is missing.</exception>
    public static RgbImage Decode(
        ReadOnlySpan<byte> data, string name, ImageReadOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(options);
        var source = new PictureSource(data, name);
        return PictureDecoder.For(source).Decode(source, options, cancellationToken);
    }

    /// <summary>
    /// Reads a mask from a PNG. If any pixel is fully transparent, the mask is every pixel that is not, as in a cutout;
    /// otherwise it is every pixel that is not black.
    /// </summary>
    /// <param name="path">
    /// The file. Refused are JPEG, whose compression changes black; 16 bits per sample, which would lose small values;
    /// and a PNG with transparency whose other pixels are black and white, which is ambiguous.
    /// </param>
    /// <param name="maxPixels">
    /// Largest number of pixels, 1 to 536 million. A larger picture is refused by its header, before memory is
    /// allocated for it.
    /// </param>
    /// <exception cref="ImageFormatException">
    /// The file is not a PNG, is damaged, truncated, too large or ambiguous, or has 16 bits per sample.
    /// </exception>
    /// <exception cref="FileNotFoundException">The file does not exist.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="MissingLibraryException">SkiaSharp's native library is missing.</exception>
    public static BinaryMask ReadMask(string path, int maxPixels = MaxPixels)
    {
        byte[] bytes = ReadBytes(path);
        var source = new PictureSource(bytes, path);
        if (PictureDecoder.For(source) is not PngDecoder png)
            throw new ImageFormatException(path, "masks are read from PNG only");
        RgbImage picture = Decode(bytes, path, maxPixels);
        if (PngDecoder.BitDepth(bytes) > 8)
            throw new ImageFormatException(path, "masks are read from PNG of at most 8 bits a sample");
        if (png.DecodeAlpha(source) is not { } alpha || alpha.Pixels.AsSpan().IndexOf((byte)0) < 0)
            return NotBlack(picture);
        BinaryMask mask = NotBlack(alpha);
        return IsBlackAndWhite(picture, mask)
            ? throw new ImageFormatException(path, "is transparent in places, and black and white in others: take one of the two away")
            : mask;
    }

    /// <summary>
    /// Reads a PNG whose pixels are ids of objects or classes: grey samples of 1 to 16 bits as stored, palette indices,
    /// or <c>R + 256 G + 65536 B</c> of colours. Orientation is not applied.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="maxPixels">
    /// Largest number of pixels, 1 to 536 million. A larger picture is refused by its header, before memory is
    /// allocated for it.
    /// </param>
    /// <exception cref="ImageFormatException">
    /// The file is not a PNG, is interlaced, damaged, truncated or too large, or has colours of 16 bits per sample.
    /// </exception>
    /// <exception cref="FileNotFoundException">The file does not exist.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static IdImage ReadIds(string path, int maxPixels = MaxPixels)
    {
        var source = new PictureSource(ReadBytes(path), path);
        if (PictureDecoder.For(source) is not PngDecoder png)
            throw new ImageFormatException(path, "numbers of pixels are read from PNG only");
        try
        {
            return PngIds.Decode(source, png.ReadHeader(source), maxPixels);
        }
        catch (InvalidDataException e)
        {
            throw new ImageFormatException(path, $"damaged PNG ({e.Message})");
        }
    }

    private static BinaryMask NotBlack(RgbImage picture)
    {
        var mask = new BinaryMask(picture.Width, picture.Height);
        int stride = 3 * picture.Width;
        for (int y = 0; y < mask.Height; y++)
        {
            ReadOnlySpan<byte> pixels = picture.Pixels.AsSpan(y * stride, stride);
            for (int i = pixels.IndexOfAnyExcept((byte)0); i >= 0;)
            {
                int x = i / 3;
                mask[x, y] = true;
                int rest = 3 * (x + 1), next = pixels[rest..].IndexOfAnyExcept((byte)0);
                i = next < 0 ? next : rest + next;
            }
        }

        return mask;
    }

    /// <summary>Whether the picture has only black and white pixels inside the mask, and some of each.</summary>
    private static bool IsBlackAndWhite(RgbImage picture, BinaryMask mask)
    {
        bool hasBlack = false, hasWhite = false;
        for (int y = 0; y < mask.Height; y++)
        {
            for (int x = mask.NextSet(y, 0); x < mask.Width; x = mask.NextSet(y, x + 1))
            {
                ReadOnlySpan<byte> pixel = picture.Pixels.AsSpan(3 * (y * mask.Width + x), 3);
                if (pixel.IndexOfAnyExcept((byte)0) < 0)
                    hasBlack = true;
                else if (pixel.IndexOfAnyExcept(byte.MaxValue) < 0)
                    hasWhite = true;
                else
                    return false;
            }
        }

        return hasBlack && hasWhite;
    }

    /// <summary>The size of the upright picture in pixels, from the header alone, whatever the size is.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="ImageFormatException">
    /// The file is not a supported picture, or its header is damaged.
    /// </exception>
    /// <exception cref="FileNotFoundException">The file does not exist.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="MissingLibraryException">SkiaSharp's native library is missing.</exception>
    public static (int Width, int Height) ReadSize(string path)
    {
        var source = new PictureSource(ReadBytes(path), path);
        return PictureDecoder.For(source).ReadHeader(source).UprightSize;
    }

    /// <summary>The size of the upright picture in pixels, of a file in memory.</summary>
    /// <param name="data">The bytes of the file.</param>
    /// <param name="name">Name of the picture in error messages.</param>
    /// <exception cref="ImageFormatException">
    /// The file is not a supported picture, or its header is damaged.
    /// </exception>
    /// <exception cref="MissingLibraryException">SkiaSharp's native library is missing.</exception>
    public static (int Width, int Height) ReadSize(ReadOnlySpan<byte> data, string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        var source = new PictureSource(data, name);
        return PictureDecoder.For(source).ReadHeader(source).UprightSize;
    }

    /// <summary>Whether a file begins with the signature of a supported format.</summary>
    /// <param name="head">The first <see cref="SignatureLength"/> bytes of the file, or all if it has fewer.</param>
    public static bool HasSignature(ReadOnlySpan<byte> head) => PictureDecoder.Find(head) is not null;

    /// <summary>
    /// Writes a picture in the format of its extension: <c>.png</c>, <c>.jpg</c>, <c>.jpeg</c>, <c>.jpe</c>,
    /// <c>.jfif</c> or <c>.webp</c>.
    /// </summary>
    /// <remarks>The file is written completely or not at all.</remarks>
    /// <param name="path">The file; an existing one is replaced.</param>
    /// <param name="image">The picture.</param>
    /// <param name="quality">Quality of JPEG and WebP, 1 (small) to 100 (good); WebP at 100 is lossless.</param>
    /// <exception cref="ImageFormatException">
    /// The extension is not supported, or the picture is too large for the format.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException">The quality is not within 1 to 100.</exception>
    /// <exception cref="IOException">The file cannot be written; the message names it.</exception>
    /// <exception cref="MissingLibraryException">SkiaSharp's native library is missing.</exception>
    public static void Write(string path, RgbImage image, int quality = DefaultQuality)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(image);
        RequireQuality(quality);
        byte[] bytes = Path.GetExtension(path).ToLowerInvariant() switch
        {
            ".png" => SkiaEncoder.EncodePng(image, path),
            ".jpg" or ".jpeg" or ".jpe" or ".jfif" => SkiaEncoder.EncodeJpeg(image, quality, path),
            ".webp" => SkiaEncoder.EncodeWebP(image, quality, path),
            _ => throw new ImageFormatException(path, "pictures are written as .png, .jpg or .webp"),
        };
        AtomicFile.Write(path, stream => stream.Write(bytes));
    }

    /// <summary>Writes a mask as an 8-bit greyscale PNG: 255 inside, 0 outside.</summary>
    /// <remarks>The file is written completely or not at all.</remarks>
    /// <param name="path">The file, with extension <c>.png</c>; an existing one is replaced.</param>
    /// <param name="mask">The mask.</param>
    /// <exception cref="ImageFormatException">The extension is not <c>.png</c>.</exception>
    /// <exception cref="IOException">The file cannot be written; the message names it.</exception>
    /// <exception cref="MissingLibraryException">SkiaSharp's native library is missing.</exception>
    public static void WriteMask(string path, BinaryMask mask)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(mask);
        if (!Path.GetExtension(path).Equals(".png", StringComparison.OrdinalIgnoreCase))
            throw new ImageFormatException(path, "masks are written as .png");
        byte[] bytes = SkiaEncoder.EncodePng(mask, path);
        AtomicFile.Write(path, stream => stream.Write(bytes));
    }

    /// <summary>
    /// Writes ids as a greyscale PNG that <see cref="ReadIds"/> reads: 8 bits per sample if none is above 255, else 16.
    /// </summary>
    /// <remarks>The file is written completely or not at all.</remarks>
    /// <param name="path">The file, with extension <c>.png</c>; an existing one is replaced.</param>
    /// <param name="ids">The ids, each 0 to <see cref="IdImage.MaxWritten"/>.</param>
    /// <exception cref="ImageFormatException">The extension is not <c>.png</c>.</exception>
    /// <exception cref="ArgumentException">An id is negative or above <see cref="IdImage.MaxWritten"/>.</exception>
    /// <exception cref="IOException">The file cannot be written; the message names it.</exception>
    public static void WriteIds(string path, IdImage ids)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(ids);
        if (!Path.GetExtension(path).Equals(".png", StringComparison.OrdinalIgnoreCase))
            throw new ImageFormatException(path, "numbers of pixels are written as .png");
        byte[] bytes = PngIds.Encode(ids);
        AtomicFile.Write(path, stream => stream.Write(bytes));
    }

    /// <summary>
    /// Encodes a picture as JPEG; chroma keeps its full resolution from quality 90 on, and has half of it in both
    /// directions below.
    /// </summary>
    /// <param name="image">The picture.</param>
    /// <param name="quality">1 (small) to 100 (good).</param>
    /// <exception cref="ImageFormatException">The picture is too large for JPEG.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The quality is not within 1 to 100.</exception>
    /// <exception cref="MissingLibraryException">SkiaSharp's native library is missing.</exception>
    public static byte[] EncodeJpeg(RgbImage image, int quality = DefaultQuality)
    {
        ArgumentNullException.ThrowIfNull(image);
        RequireQuality(quality);
        return SkiaEncoder.EncodeJpeg(image, quality, "picture");
    }

    /// <summary>Encodes a picture as PNG.</summary>
    /// <param name="image">The picture.</param>
    /// <exception cref="ImageFormatException">The picture is too large for PNG.</exception>
    /// <exception cref="MissingLibraryException">SkiaSharp's native library is missing.</exception>
    public static byte[] EncodePng(RgbImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        return SkiaEncoder.EncodePng(image, "picture");
    }

    /// <summary>Encodes a picture as WebP.</summary>
    /// <param name="image">The picture.</param>
    /// <param name="quality">1 (small) to 100, which is lossless.</param>
    /// <exception cref="ImageFormatException">The picture is too large for WebP.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The quality is not within 1 to 100.</exception>
    /// <exception cref="MissingLibraryException">SkiaSharp's native library is missing.</exception>
    public static byte[] EncodeWebP(RgbImage image, int quality = DefaultQuality)
    {
        ArgumentNullException.ThrowIfNull(image);
        RequireQuality(quality);
        return SkiaEncoder.EncodeWebP(image, quality, "picture");
    }

    private static void RequireQuality(int quality)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(quality, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(quality, 100);
    }

    private static byte[] ReadBytes(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (Directory.Exists(path))
            throw new ImageFormatException(path, "a folder, not a picture");
        try
        {
            using FileStream stream = File.OpenRead(path);
            return ReadBytes(stream, path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new FileNotFoundException($"{path}: no such file", path, e);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new IOException($"{path}: cannot be read (permission denied)", e);
        }
        catch (EndOfStreamException e)
        {
            throw new IOException($"{path}: cannot be read (it shrank meanwhile)", e);
        }
    }

    /// <summary>Reads the signature first, so that a file of another kind is not read completely.</summary>
    private static byte[] ReadBytes(Stream stream, string path)
    {
        byte[] head = new byte[PictureDecoder.SignatureLength];
        int headLength = stream.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
        PictureDecoder.For(new PictureSource(head.AsSpan(0, headLength), path));

        long rest = stream.CanSeek ? stream.Length - stream.Position : -1;
        if (rest < 0)
        {
            using var collected = new MemoryStream();
            collected.Write(head, 0, headLength);
            stream.CopyTo(collected);
            return collected.ToArray();
        }

        if (headLength + rest > Array.MaxLength)
            throw new ImageFormatException(path, "a file of more than 2 GB");
        byte[] bytes = new byte[headLength + rest];
        head.AsSpan(0, headLength).CopyTo(bytes);
        stream.ReadExactly(bytes, headLength, bytes.Length - headLength);
        return bytes;
    }
}
