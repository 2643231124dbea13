using PocketSam.Imaging;
using SkiaSharp;

namespace PocketSam.Labelling;

/// <summary>Small pictures for the list, kept in memory up to a bound.</summary>
internal sealed class Thumbnails
{
    /// <summary>Longest side, pixels.</summary>
    private const int Side = 160;

    private const int Quality = 80;
    private const long MaxBytes = 64 << 20;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, LinkedListNode<(string Key, byte[] Jpeg)>> _kept = [];
    private readonly LinkedList<(string Key, byte[] Jpeg)> _byUse = [];
    private readonly SemaphoreSlim _one = new(1);
    private long _bytes;

    /// <summary>A picture's thumbnail, as JPEG; one is made at a time.</summary>
    /// <param name="path">The picture's file.</param>
    /// <param name="cancellation">Stops waiting and decoding.</param>
    /// <exception cref="IOException">The picture cannot be read.</exception>
    public async Task<byte[]> OfAsync(string path, CancellationToken cancellation)
    {
        string key = $"{path} {System.IO.File.GetLastWriteTimeUtc(path).Ticks}";
        if (Find(key) is { } kept)
            return kept;
        await _one.WaitAsync(cancellation);
        try
        {
            if (Find(key) is { } made)
                return made;
            byte[] jpeg = await Task.Run(() => Make(path, cancellation), cancellation);
            Keep(key, jpeg);
            return jpeg;
        }
        finally
        {
            _one.Release();
        }
    }

    private static byte[] Make(string path, CancellationToken cancellation)
    {
        RgbImage picture = ImageFile.Read(path, new ImageReadOptions(), cancellation);
        double scale = Math.Min(1, (double)Side / Math.Max(picture.Width, picture.Height));
        using SKBitmap bitmap = picture.ToSKBitmap();
        using SKBitmap small = bitmap.Resize(
            new SKSizeI(Math.Max(1, (int)Math.Round(picture.Width * scale)), Math.Max(1, (int)Math.Round(picture.Height * scale))),
            new SKSamplingOptions(SKFilterMode.Linear, SKMipmapMode.Linear));
        return ImageFile.EncodeJpeg(small.ToRgbImage(), Quality);
    }

    private byte[]? Find(string key)
    {
        lock (_gate)
        {
            if (!_kept.TryGetValue(key, out LinkedListNode<(string Key, byte[] Jpeg)>? node))
                return null;
            _byUse.Remove(node);
            _byUse.AddLast(node);
            return node.Value.Jpeg;
        }
    }

    private void Keep(string key, byte[] jpeg)
    {
        lock (_gate)
        {
            if (_kept.ContainsKey(key))
                return;
            _kept.Add(key, _byUse.AddLast((key, jpeg)));
            _bytes += jpeg.Length;
            while (_bytes > MaxBytes && _byUse.First is { } oldest)
            {
                _byUse.RemoveFirst();
                _kept.Remove(oldest.Value.Key);
                _bytes -= oldest.Value.Jpeg.Length;
            }
        }
    }
}
