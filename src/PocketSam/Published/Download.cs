using System.Net;
using System.Net.Http.Headers;
using System.Text;

namespace PocketSam.Published;

/// <summary>Fetches a file into a part that a later attempt goes on with.</summary>
/// <param name="address">The file.</param>
/// <param name="part">Where its bytes are collected.</param>
/// <param name="isVerified">Whether a wrong content is found out afterwards, so that any part may be gone on with.</param>
internal sealed class Download(Uri address, string part, bool isVerified)
{
    private const int BlockLength = 1 << 17;

    /// <summary>A publisher that sends nothing for so long is given up.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static readonly HttpClient Client = CreateClient();

    /// <summary>The tag of the content that the part is of, as the publisher gave it.</summary>
    private string TagFile => part + ".tag";

    /// <summary>Fetches what is missing.</summary>
    /// <param name="reserve">Told the length of the file before anything is written; throws where there is no room.</param>
    /// <param name="progress">Told what is there.</param>
    /// <param name="cancellation">Stops it; what is there stays.</param>
    /// <exception cref="HttpRequestException">The publisher cannot be reached or refuses.</exception>
    /// <exception cref="IOException">The connection was lost, or the file cannot be written.</exception>
    public async Task RunAsync(Action<long> reserve, IProgress<PullProgress>? progress, CancellationToken cancellation)
    {
        if (await TryAsync(reserve, progress, cancellation).ConfigureAwait(false))
            return;
        Forget();
        if (!await TryAsync(reserve, progress, cancellation).ConfigureAwait(false))
            throw new HttpRequestException("a part was sent where the whole was asked for");
    }

    /// <summary>Removes the part.</summary>
    public void Forget()
    {
        File.Delete(part);
        File.Delete(TagFile);
    }

    /// <summary>False where the part is not of the file that is published now.</summary>
    private async Task<bool> TryAsync(Action<long> reserve, IProgress<PullProgress>? progress, CancellationToken cancellation)
    {
        long there = File.Exists(part) ? new FileInfo(part).Length : 0;
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        if (there > 0)
        {
            request.Headers.Range = new RangeHeaderValue(there, null);
            if (File.Exists(TagFile) && EntityTagHeaderValue.TryParse(File.ReadAllText(TagFile), out EntityTagHeaderValue? tag) && !tag.IsWeak)
                request.Headers.IfRange = new RangeConditionHeaderValue(tag);
            else if (!isVerified)
                return false;
        }

        using HttpResponseMessage response = await WithinPatience(
            token => Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, token), cancellation).ConfigureAwait(false);
        if (response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable && there > 0)
            return response.Content.Headers.ContentRange?.Length == there;
        response.EnsureSuccessStatusCode();
        bool goesOn = response.StatusCode == HttpStatusCode.PartialContent;
        if (goesOn && response.Content.Headers.ContentRange?.From != there)
            return false;

        there = goesOn ? there : 0;
        long? total = there + response.Content.Headers.ContentLength;
        if (total is { } length)
            reserve(length - there);
        await using var file = new FileStream(part, goesOn ? FileMode.Append : FileMode.Create, FileAccess.Write, FileShare.None);

        // The tag of what is there follows the file: an old tag beside an empty part says nothing wrong.
        if (response.Headers.ETag is { } current)
            AtomicFile.Write(TagFile, stream => stream.Write(Encoding.ASCII.GetBytes(current.ToString())));
        else
            File.Delete(TagFile);
        await using Stream body = await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
        byte[] block = new byte[BlockLength];
        while (await WithinPatience(token => body.ReadAsync(block, token).AsTask(), cancellation).ConfigureAwait(false) is > 0 and int read)
        {
            await file.WriteAsync(block.AsMemory(0, read), cancellation).ConfigureAwait(false);
            progress?.Report(new PullProgress(there += read, total));
        }

        return true;
    }

    /// <summary>Waits for the publisher, but not for ever.</summary>
    private static async Task<T> WithinPatience<T>(Func<CancellationToken, Task<T>> wait, CancellationToken cancellation)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(Patience);
        try
        {
            return await wait(patience.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new HttpRequestException($"nothing came for {Patience.TotalSeconds} seconds");
        }
    }

    private static HttpClient CreateClient()
    {
        var client = new HttpClient(new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromSeconds(30), MaxAutomaticRedirections = 10 })
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
        client.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("PocketSam", null));
        return client;
    }
}
