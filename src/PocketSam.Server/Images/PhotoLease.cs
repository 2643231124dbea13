namespace PocketSam.Server.Images;

/// <summary>Keeps a picture in memory while it is used.</summary>
internal sealed class PhotoLease(Photo photo, Action end) : IDisposable
{
    private Action? _end = end;

    public Photo Photo { get; } = photo;

    public void Dispose() => Interlocked.Exchange(ref _end, null)?.Invoke();
}
