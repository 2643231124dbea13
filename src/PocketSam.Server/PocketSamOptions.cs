using PocketSam.Imaging;

namespace PocketSam.Server;

/// <summary>
/// What the service computes with and how much it lets its clients ask for. Values outside of their range are refused when
/// the service is mapped or started, all of them by name.
/// </summary>
public sealed class PocketSamOptions
{
    /// <summary><c>default</c>, or a file that holds a model; not looked at where the host has registered a <see cref="Sam"/>.</summary>
    public string Model { get; set; } = Sam.DefaultName;

    /// <summary>Side of the model's input, a multiple of 64 from 64 to 4096; by default the model's own.</summary>
    public int? ImageSize { get; set; }

    /// <summary>Bytes that pictures and their embeddings may take together; at least 16 MiB.</summary>
    public long CacheBytes { get; set; } = 1L << 30;

    /// <summary>How long a picture is kept after its last use; from 1 second to 30 days.</summary>
    public TimeSpan CacheAge { get; set; } = TimeSpan.FromHours(1);

    /// <summary>
    /// Where replicas of the service share pictures and embeddings, so that each of them answers for any picture: <c>memory</c>
    /// (the default) for nowhere, <c>folder:PATH</c> for a folder that all see, <c>redis:HOST[:PORT]</c> for a Redis. Shared pictures are
    /// written there, and removed <see cref="CacheAge"/> after their last use.
    /// </summary>
    public string Store { get; set; } = "memory";

    /// <summary>Largest file that may be uploaded, bytes; from 1 KiB to 1 GiB.</summary>
    public int MaxUploadBytes { get; set; } = 32 << 20;

    /// <summary>Longest time that an upload may take; from 1 second to 1 hour.</summary>
    public TimeSpan UploadTimeout { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>Most pixels that a picture may have; from 1 to 500 million.</summary>
    public int MaxPixels { get; set; } = ImageFile.MaxPixels;

    /// <summary>Most points and boxes of one object; from 1 to 1024.</summary>
    public int MaxPrompts { get; set; } = 128;

    /// <summary>Most objects of one request; from 1 to 1024.</summary>
    public int MaxObjects { get; set; } = 64;

    /// <summary>
    /// Most pixels of one prediction: its objects times the picture's pixels, unless there is a single one. From 1 million to
    /// 1 trillion.
    /// </summary>
    public long MaxObjectPixels { get; set; } = 1_000_000_000;

    /// <summary>Most points along a side of the grid of a search for all masks; from 1 to 256.</summary>
    public int MaxPointsPerSide { get; set; } = 64;

    /// <summary>Most objects of one export; from 1 to 100,000.</summary>
    public int MaxExportObjects { get; set; } = 2000;

    /// <summary>Most corners of exact outlines of one export, before they are simplified; from 1000 to 1 billion.</summary>
    public long MaxExportCorners { get; set; } = 2_000_000;

    /// <summary>
    /// Most pixels of all pictures of one export: those of the boxes of cut-outs, the whole picture for each mask. From
    /// 1 million to 1 trillion.
    /// </summary>
    public long MaxExportPixels { get; set; } = 4_000_000_000;

    /// <summary>
    /// Most pixels of the photo in one export, those of all cut-outs together: 3 bytes each at worst. From 1 million to
    /// 1 trillion.
    /// </summary>
    public long MaxExportPhotoPixels { get; set; } = 100_000_000;

    /// <summary>Pictures that may wait to be encoded; beyond that uploads are refused for a while. From 1 to 1024.</summary>
    public int QueueLength { get; set; } = 16;

    /// <summary>
    /// How long a picture that is not encoded yet outlives the last client that watched it; from 0 to 1 hour.
    /// </summary>
    public TimeSpan GiveUpAfter { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>Requests a second of one client in the long run, twice as many in a burst; from 1 to 100,000.</summary>
    public int RequestsPerSecond { get; set; } = 200;

    /// <summary>
    /// Bytes of a picture's embedding, two for each number, up to which the page is given it, with the decoder as ONNX, and makes
    /// masks of prompts itself; from 0, which leaves all to the service, to 64 million.
    /// </summary>
    public int BrowserEmbeddingBytes { get; set; } = 4_000_000;

    /// <summary>Where set, only requests that carry it as <c>X-Api-Key</c> are answered; the page asks for it.</summary>
    public string? ApiKey { get; set; }

    /// <summary>
    /// Names of this service that requests may have in <c>Host</c>, without port; <c>*</c> is any. Empty, requests over the
    /// loopback interface must name it (<c>localhost</c>, <c>127.0.0.1</c>, <c>[::1]</c>), so that no site can make its own name lead here;
    /// others may name anything. Behind a proxy on the same machine list the public names.
    /// </summary>
    public IList<string> AllowedHosts { get; } = [];
}
