using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace PocketSam.Tests.Published;

/// <summary>A server on loopback that publishes one file, and behaves as badly as it is told.</summary>
internal sealed class Publisher : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

    public Publisher(byte[] content)
    {
        Content = content;
        _listener.Start();
        _ = AcceptAsync();
    }

    public byte[] Content { get; set; }

    public string? Tag { get; set; } = "\"first\"";

    /// <summary>The next answer ends after so many bytes of its body.</summary>
    public int? CutAfter { get; set; }

    public int Status { get; set; } = 200;

    /// <summary>A part is answered whatever is asked for.</summary>
    public bool AnswersPartsOnly { get; set; }

    /// <summary>First lines and ranges of the requests so far.</summary>
    public ConcurrentQueue<string> Requests { get; } = [];

    public Uri Address => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/files/nano.pt");

    /// <summary>Leads to <see cref="Address"/>.</summary>
    public Uri Redirect => new(Address, "/moved/nano.pt");

    public void Dispose() => _listener.Dispose();

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                using TcpClient client = await _listener.AcceptTcpClientAsync();
                await AnswerAsync(client.GetStream());
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or IOException)
        {
            // The test is over, or the client went away.
        }
    }

    private async Task AnswerAsync(NetworkStream stream)
    {
        using var reader = new StreamReader(stream, Encoding.ASCII, leaveOpen: true);
        string first = await reader.ReadLineAsync() ?? "";
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        while (await reader.ReadLineAsync() is { Length: > 0 } line)
            headers[line[..line.IndexOf(':')]] = line[(line.IndexOf(':') + 1)..].Trim();
        Requests.Enqueue(headers.TryGetValue("Range", out string? range) ? $"{first.Split(' ')[1]} {range}" : first.Split(' ')[1]);
        if (first.Contains("/moved/", StringComparison.Ordinal))
        {
            await WriteAsync(stream, $"HTTP/1.1 302 Found\r\nLocation: {Address}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            return;
        }

        if (Status != 200)
        {
            await WriteAsync(stream, $"HTTP/1.1 {Status} No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            return;
        }

        int from = range is not null && (!headers.TryGetValue("If-Range", out string? tag) || tag == Tag)
            ? int.Parse(range["bytes=".Length..^1], CultureInfo.InvariantCulture) : 0;
        string tagLine = Tag is null ? "" : $"ETag: {Tag}\r\n";
        if (from > 0 && from >= Content.Length)
        {
            await WriteAsync(
                stream, $"HTTP/1.1 416 No\r\nContent-Range: bytes */{Content.Length}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            return;
        }

        if (AnswersPartsOnly)
            from = 1;
        string status = from > 0 || AnswersPartsOnly
            ? $"206 Partial\r\nContent-Range: bytes {from}-{Content.Length - 1}/{Content.Length}" : "200 OK";
        await WriteAsync(
            stream, $"HTTP/1.1 {status}\r\n{tagLine}Content-Length: {Content.Length - from}\r\nConnection: close\r\n\r\n");
        int end = CutAfter is { } cut ? Math.Min(Content.Length, from + cut) : Content.Length;
        CutAfter = null;
        await stream.WriteAsync(Content.AsMemory(from, end - from));
    }

    private static async Task WriteAsync(NetworkStream stream, string text) => await stream.WriteAsync(Encoding.ASCII.GetBytes(text));
}
