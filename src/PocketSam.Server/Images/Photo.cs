using PocketSam.Server.Api;

namespace PocketSam.Server.Images;

/// <summary>
/// A picture of a client, with its embedding as soon as there is one. Its users each hold a <see cref="PhotoLease"/>;
/// it is disposed of when it is out of the store and the last lease has ended.
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

    /// <param name="id">What requests call it.</param>
    /// <param name="client">Who sent it.</param>
    /// <param name="name">What exports call it.</param>
    /// <param name="pixels">The upright picture.</param>
    /// <param name="fileBytes">Size of the uploaded file.</param>
    /// <param name="bytes">Memory that it takes, with its embedding.</param>
    /// <param name="model">What encodes it and answers its prompts.</param>
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

    /// <summary>Enough of the id to tell pictures apart in a log.</summary>
    public string ShortId => Id[..8];

    public ClientAddress Client { get; }

    public string Name { get; }

    /// <summary>Pixels in a row.</summary>
    public int Width { get; }

    /// <summary>Rows.</summary>
    public int Height { get; }

    /// <summary>The upright picture; the caller holds a lease.</summary>
    public RgbImage Pixels => _pixels ?? throw new ObjectDisposedException(nameof(Photo));

    public int FileBytes { get; }

    public long Bytes { get; }

    /// <summary>What encodes it and answers its prompts, whatever model has come since.</summary>
    public Sam Model { get; }

    /// <summary>Cancelled when it leaves the store: no request can name it any more.</summary>
    public CancellationToken Removed { get; }

    /// <summary>The embedding; the caller holds a lease.</summary>
    /// <exception cref="ApiException">There is none, yet or at all.</exception>
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

    /// <summary>Whether encoding has ended, well or not.</summary>
    public bool IsSettled
    {
        get
        {
            lock (_gate)
                return _state is PhotoState.Ready or PhotoState.Failed;
        }
    }

    /// <summary>What clients see, the fraction of the encoding that is done, and a task that ends at the next change.</summary>
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

    /// <summary>Takes over the embedding.</summary>
    public void Complete(ImageEmbedding embedding)
        => Change(() => (_state, _fraction, _embedding) = (PhotoState.Ready, 1, embedding));

    /// <summary>A client begins to watch.</summary>
    public void AddWatcher() => Interlocked.Increment(ref _watchers);

    /// <summary>A client watches no more; whether it was the last one.</summary>
    public bool RemoveWatcher() => Interlocked.Decrement(ref _watchers) == 0;

    public bool IsWatched => Volatile.Read(ref _watchers) > 0;

    /// <summary>Ends everything that is done for it.</summary>
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
