using PocketSam.Imaging;
using PocketSam.Labelling.Api;
using PocketSam.Labelling.Storage;
using SkiaSharp;

namespace PocketSam.Labelling.Pictures;

/// <summary>Thumbnails of pictures, cached in memory up to a limit.</summary>
internal sealed class Thumbnails(PictureFolder folder) : IDisposable
{
    private const int Side = 160;
    private const int Quality = 80;
    private const long MaxBytes = 64 << 20;

    private readonly Lock _gate = new();
    private readonly Dictionary<(long, long, long), LinkedListNode<((long, long, long) Key, byte[] Jpeg)>> _byKey = [];
    private readonly LinkedList<((long, long, long) Key, byte[] Jpeg)> _byUse = [];

    /// <summary>Decodes one picture at a time, because each is decoded in full size.</summary>
    private readonly SemaphoreSlim _decoding = new(1, 1);
    private long _bytes;

    /// <summary>A JPEG of a picture, whose longest side is at most 160 pixels.</summary>
    /// <exception cref="LabelException">The file is missing or cannot be read.</exception>
    /// <exception cref="ImageFormatException">The file is not a picture.</exception>
    public async Task<byte[]> GetAsync(StoredPicture picture, CancellationToken cancellation)
    {
        (long, long, long) key = (picture.Id, picture.Modified, picture.Bytes);
        if (Find(key) is { } known)
            return known;
        await _decoding.WaitAsync(cancellation);
        try
        {
            if (Find(key) is { } meanwhile)
                return meanwhile;
            byte[] file = await folder.ReadAsync(picture, cancellation);
            byte[] jpeg = await Task.Run(() => Make(file, picture.Path, cancellation), cancellation);
            Keep(key, jpeg);
            return jpeg;
        }
        finally
        {
            _decoding.Release();
        }
    }

    public void Dispose() => _decoding.Dispose();

    private static byte[] Make(byte[] file, string name, CancellationToken cancellation)
    {
        RgbImage whole = ImageFile.Decode(file, name, new ImageReadOptions(), cancellation);
        double scale = Math.Min(1, (double)Side / Math.Max(whole.Width, whole.Height));
        if (scale == 1)
            return ImageFile.EncodeJpeg(whole, Quality);
        using SKBitmap bitmap = whole.ToSKBitmap();
        var size = new SKImageInfo(
            Math.Max(1, (int)Math.Round(whole.Width * scale)), Math.Max(1, (int)Math.Round(whole.Height * scale)), bitmap.ColorType, bitmap.AlphaType);
        using SKBitmap small = bitmap.Resize(size, new SKSamplingOptions(SKFilterMode.Linear, SKMipmapMode.Linear));
        return ImageFile.EncodeJpeg(small.ToRgbImage(), Quality);
    }

    private byte[]? Find((long, long, long) key)
    {
        lock (_gate)
        {
            if (!_byKey.TryGetValue(key, out var node))
                return null;
            _byUse.Remove(node);
            _byUse.AddLast(node);
            return node.Value.Jpeg;
        }
    }

    private void Keep((long, long, long) key, byte[] jpeg)
    {
        lock (_gate)
        {
            _byKey[key] = _byUse.AddLast((key, jpeg));
            _bytes += jpeg.Length;
            while (_bytes > MaxBytes && _byUse.First is { } oldest)
            {
                _byUse.RemoveFirst();
                _byKey.Remove(oldest.Value.Key);
                _bytes -= oldest.Value.Jpeg.Length;
            }
        }
    }
}
