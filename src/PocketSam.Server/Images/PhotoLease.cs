namespace PocketSam.Server.Images;

/// <summary>The right to use a picture, which stays in memory until it ends.</summary>
internal sealed class PhotoLease(Photo photo, Action end) : IDisposable
{
    private Action? _end = end;

    public Photo Photo { get; } = photo;

    public void Dispose() => Interlocked.Exchange(ref _end, null)?.Invoke();
}
