using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using PocketSam.Server.Api;
using PocketSam.Server.Metrics;
using PocketSam.Server.Stores;

namespace PocketSam.Server.Images;

/// <summary>
/// The pictures that replicas share: the uploaded file with its name, and the embedding by model and input size, both
/// unchanged, so that any replica gives the same masks. Without a store all of this does nothing.
/// </summary>
internal sealed class SharedPictures : IDisposable
{
    private const int IdLength = 32;

    private readonly IBlobStore? _store;
    private readonly PocketSamModel _model;
    private readonly int _inputSize;
    private readonly ILogger<SharedPictures> _log;

    public SharedPictures(IOptions<PocketSamOptions> options, PocketSamModel model, TimeProvider time, ILogger<SharedPictures> log)
    {
        _store = StoreName.Open(options.Value.Store, options.Value.CacheAge, time);
        _inputSize = options.Value.ImageSize ?? model.Current.Config.ImageSize;
        _model = model;
        _log = log;
    }

    /// <summary>Whether pictures are shared among replicas.</summary>
    public bool IsShared => _store is not null;

    /// <summary>Whether the store has a picture; renews its age.</summary>
    /// <exception cref="ApiException">The store cannot be reached.</exception>
    public Task<bool> IsThereAsync(string id, CancellationToken cancellation)
        => IsId(id) ? AskAsync(store => store.TouchAsync(id, cancellation)) : Task.FromResult(false);

    /// <summary>Adds a picture's file to the store.</summary>
    /// <exception cref="ApiException">The store cannot be written.</exception>
    public Task AddAsync(string id, string name, ReadOnlySpan<byte> file, CancellationToken cancellation)
    {
        byte[] text = Encoding.UTF8.GetBytes(name), value = new byte[sizeof(int) + text.Length + file.Length];
        BinaryPrimitives.WriteInt32LittleEndian(value, text.Length);
        text.CopyTo(value, sizeof(int));
        file.CopyTo(value.AsSpan(sizeof(int) + text.Length));
        return AskAsync(async store =>
        {
            await store.WriteAsync(id, value, cancellation);
            return true;
        });
    }

    /// <summary>The name and file of a picture; null if there is none.</summary>
    /// <exception cref="ApiException">The store cannot be read.</exception>
    public async Task<(string Name, byte[] File)?> FindAsync(string id, CancellationToken cancellation)
    {
        byte[]? value = await AskAsync(store => store.ReadAsync(id, cancellation));
        if (value is null || value.Length < sizeof(int))
            return null;
        int length = BinaryPrimitives.ReadInt32LittleEndian(value);
        return length < 0 || length > value.Length - sizeof(int) ? null
            : (Encoding.UTF8.GetString(value, sizeof(int), length), value[(sizeof(int) + length)..]);
    }

    /// <summary>Removes a picture; returns whether there was one.</summary>
    /// <exception cref="ApiException">The store cannot be reached.</exception>
    public async Task<bool> RemoveAsync(string id, CancellationToken cancellation)
    {
        if (!IsId(id))
            return false;
        await AskAsync(store => store.RemoveAsync(EmbeddingKey(id, _model.Current), cancellation));
        return await AskAsync(store => store.RemoveAsync(id, cancellation));
    }

    /// <summary>Adds an embedding to the store. If that fails, other replicas encode the picture themselves.</summary>
    public void AddEmbedding(Photo photo, ImageEmbedding embedding)
    {
        if (_store is null)
            return;
        string path = TemporaryPath();
        try
        {
            embedding.Save(path);
            _store.WriteAsync(EmbeddingKey(photo.Id, photo.Model), File.ReadAllBytes(path), CancellationToken.None).GetAwaiter().GetResult();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            ServerLog.StoreFailed(_log, e);
        }
        finally
        {
            File.Delete(path);
        }
    }

    /// <summary>
    /// The shared embedding of a picture by its model at this input size; null if there is no usable one.
    /// </summary>
    public ImageEmbedding? FindEmbedding(Photo photo)
    {
        if (_store is null)
            return null;
        string path = TemporaryPath();
        try
        {
            if (_store.ReadAsync(EmbeddingKey(photo.Id, photo.Model), CancellationToken.None).GetAwaiter().GetResult() is not { } value)
                return null;
            AtomicFile.Write(path, stream => stream.Write(value));
            ImageEmbedding embedding = ImageEmbedding.Load(path, photo.Width, photo.Height);
            if (embedding.ModelFingerprint == photo.Model.Fingerprint && embedding.Geometry.InputSize == _inputSize)
                return embedding;
            embedding.Dispose();
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CheckpointFormatException)
        {
            ServerLog.StoreFailed(_log, e);
            return null;
        }
        finally
        {
            File.Delete(path);
        }
    }

    public void Dispose() => _store?.Dispose();

    private string EmbeddingKey(string id, Sam model)
    {
        const int FingerprintDigits = 16;
        return string.Create(CultureInfo.InvariantCulture, $"{id}-{model.Fingerprint[..FingerprintDigits]}-{_inputSize}");
    }

    private static string TemporaryPath() => Path.Combine(Path.GetTempPath(), $"pocketsam-{Guid.NewGuid():N}.safetensors");

    private static bool IsId(string id) => id.Length == IdLength && id.All(char.IsAsciiHexDigitLower);

    private async Task<T> AskAsync<T>(Func<IBlobStore, Task<T>> ask)
    {
        try
        {
            return await ask(_store ?? throw new InvalidOperationException("pictures are not shared"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            ServerLog.StoreFailed(_log, e);
            throw new ApiException(503, "store_unavailable", "what the replicas share cannot be reached", TimeSpan.FromSeconds(1));
        }
    }
}
