using PocketSam.Server.Api;

namespace PocketSam.Server.Images;

/// <summary>
/// A client's picture, with its embedding once that is computed. Each user holds a <see cref="PhotoLease"/>; the
/// picture is disposed of when it is out of the store and its last lease has ended.
/// </summary>
internal sealed class Photo : IDisposable
{
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _removal = new();
    private TaskCompletionSource _change = NewChange();
    private PhotoState _state = PhotoState.Queued;
    private int _position;
    private double _fraction;
    private string? _error;
    private ImageEmbedding? _embedding;
    private RgbImage? _pixels;
    private int _watchers;

    /// <param name="id">Its id in requests.</param>
    /// <param name="client">The client that sent it.</param>
    /// <param name="name">Its name in exports.</param>
    /// <param name="pixels">The upright picture.</param>
    /// <param name="fileBytes">Size of the uploaded file in bytes.</param>
    /// <param name="bytes">Memory of the picture and its embedding in bytes.</param>
    /// <param name="model">The model that encodes it and answers its prompts.</param>
    public Photo(string id, ClientAddress client, string name, RgbImage pixels, int fileBytes, long bytes, Sam model)
    {
        Id = id;
        Client = client;
        Name = name;
        _pixels = pixels;
        (Width, Height) = (pixels.Width, pixels.Height);
        FileBytes = fileBytes;
        Bytes = bytes;
        Model = model;
        Removed = _removal.Token;
    }

    public string Id { get; }

    /// <summary>The beginning of the id, for logs.</summary>
    public string ShortId => Id[..8];

    public ClientAddress Client { get; }

    public string Name { get; }

    /// <summary>Width in pixels.</summary>
    public int Width { get; }

    /// <summary>Height in pixels.</summary>
    public int Height { get; }

    /// <summary>The upright picture. The caller must hold a lease.</summary>
    public RgbImage Pixels => _pixels ?? throw new ObjectDisposedException(nameof(Photo));

    public int FileBytes { get; }

    public long Bytes { get; }

    /// <summary>The model that encodes it and answers its prompts, even after a replacement.</summary>
    public Sam Model { get; }

    /// <summary>Cancelled when the picture leaves the store.</summary>
    public CancellationToken Removed { get; }

    /// <summary>The embedding. The caller must hold a lease.</summary>
    /// <exception cref="ApiException">The picture is not encoded, or its encoding failed.</exception>
    public ImageEmbedding Embedding
    {
        get
        {
            lock (_gate)
            {
                return _embedding ?? throw (_state == PhotoState.Failed
                    ? new ApiException(409, "encoding_failed", $"the picture could not be encoded: {_error}")
                    : new ApiException(409, "not_ready", "the picture is still being encoded", TimeSpan.FromSeconds(1)));
            }
        }
    }

    /// <summary>Whether encoding has ended, successfully or not.</summary>
    public bool IsSettled
    {
        get
        {
            lock (_gate)
                return _state is PhotoState.Ready or PhotoState.Failed;
        }
    }

    /// <summary>
    /// The state for clients, the fraction of the encoding that is done, and a task that completes at the next change.
    /// </summary>
    public (ImageDocument Document, double Fraction, Task Change) Describe()
    {
        lock (_gate)
        {
            string state = _state switch
            {
                PhotoState.Queued => "queued",
                PhotoState.Encoding => "encoding",
                PhotoState.Ready => "ready",
                _ => "failed",
            };
            var document = new ImageDocument(
                Id, Name, Width, Height, FileBytes, state, _position, _error);
            return (document, _fraction, _change.Task);
        }
    }

    public void SetPosition(int position) => Change(() => _position = position);

    public void StartEncoding() => Change(() => (_state, _position) = (PhotoState.Encoding, 0));

    public void SetFraction(double fraction) => Change(() => _fraction = fraction);

    public void Fail(string error) => Change(() => (_state, _error) = (PhotoState.Failed, error));

    /// <summary>Sets the embedding and takes ownership of it.</summary>
    public void Complete(ImageEmbedding embedding)
        => Change(() => (_state, _fraction, _embedding) = (PhotoState.Ready, 1, embedding));

    /// <summary>Counts a client that watches the picture.</summary>
    public void AddWatcher() => Interlocked.Increment(ref _watchers);

    /// <summary>Counts a watcher out; returns whether it was the last one.</summary>
    public bool RemoveWatcher() => Interlocked.Decrement(ref _watchers) == 0;

    public bool IsWatched => Volatile.Read(ref _watchers) > 0;

    /// <summary>Cancels all work on the picture.</summary>
    public void Remove()
    {
        _removal.Cancel();
        Change(() => { });
    }

    public void Dispose()
    {
        _embedding?.Dispose();
        _pixels = null;
    }

    private static TaskCompletionSource NewChange() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void Change(Action change)
    {
        TaskCompletionSource previous;
        lock (_gate)
        {
            change();
            (previous, _change) = (_change, NewChange());
        }

        previous.SetResult();
    }
}
