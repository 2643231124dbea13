namespace PocketSam.Server.Api;

/// <summary>The bytes of a request's body, which count towards the budget until it is disposed of.</summary>
internal sealed class RequestBody(byte[] buffer, int length, Action<byte[]> end) : IDisposable
{
    private Action<byte[]>? _end = end;

    public ReadOnlySpan<byte> Bytes => buffer.AsSpan(0, length);

    public ReadOnlyMemory<byte> Memory => buffer.AsMemory(0, length);

    public int Length => length;

    public void Dispose() => Interlocked.Exchange(ref _end, null)?.Invoke(buffer);
}
