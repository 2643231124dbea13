using System.Net;
using System.Net.Http.Headers;
using System.Text;

namespace PocketSam.Published;

/// <summary>Downloads a file into a part file that a later attempt resumes.</summary>
/// <param name="address">Address of the file.</param>
/// <param name="part">Path of the part file.</param>
/// <param name="isVerified">Whether the content is verified
/// afterwards, so that a part without a tag may be resumed.</param>
internal sealed class Download(Uri address, string part, bool isVerified)
{
    private const int BlockLength = 1 << 17;

    /// <summary>Time without data after which the download fails.</summary>
    private static readonly TimeSpan IdleTimeout = TimeSpan.FromSeconds(60);

    private static readonly HttpClient Client = CreateClient();

    /// <summary>The entity tag of the part's content, as sent by the publisher.</summary>
    private string TagFile => part + ".tag";

    /// <summary>Downloads what is missing.</summary>
    /// <param name="reserve">Receives the number of missing bytes
    /// before anything is written; throws if there is no room.</param>
    /// <param name="progress">Receives the bytes that are present.</param>
    /// <param name="cancellation">Stops the download; the part stays.</param>
    /// <exception cref="HttpRequestException">The publisher cannot be reached or refuses.</exception>
    /// <exception cref="IOException">The connection is lost, or the file cannot be written.</exception>
    public async Task RunAsync(Action<long> reserve, IProgress<PullProgress>? progress, CancellationToken cancellation)
    {
        if (await TryAsync(reserve, progress, cancellation).ConfigureAwait(false))
            return;
        DeletePart();
        if (!await TryAsync(reserve, progress, cancellation).ConfigureAwait(false))
            throw new HttpRequestException("a part was sent where the whole was asked for");
    }

    /// <summary>Removes the part file and its tag.</summary>
    public void DeletePart()
    {
        File.Delete(part);
        File.Delete(TagFile);
    }

    /// <summary>Returns false if the part does not belong to the published file.</summary>
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

        using HttpResponseMessage response = await WithIdleTimeout(
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

        // The tag is written after the file is opened: an old tag beside an empty part does no harm.
        if (response.Headers.ETag is { } current)
            AtomicFile.Write(TagFile, stream => stream.Write(Encoding.ASCII.GetBytes(current.ToString())));
        else
            File.Delete(TagFile);
        await using Stream body = await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
        byte[] block = new byte[BlockLength];
        while (await WithIdleTimeout(token => body.ReadAsync(block, token).AsTask(), cancellation).ConfigureAwait(false) is > 0 and int read)
        {
            await file.WriteAsync(block.AsMemory(0, read), cancellation).ConfigureAwait(false);
            progress?.Report(new PullProgress(there += read, total));
        }

        return true;
    }

    /// <summary>Waits for the publisher up to a time limit.</summary>
    private static async Task<T> WithIdleTimeout<T>(Func<CancellationToken, Task<T>> wait, CancellationToken cancellation)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        timeout.CancelAfter(IdleTimeout);
        try
        {
            return await wait(timeout.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new HttpRequestException($"nothing came for {IdleTimeout.TotalSeconds} seconds");
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
