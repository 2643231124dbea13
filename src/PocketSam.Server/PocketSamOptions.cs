using PocketSam.Imaging;

namespace PocketSam.Server;

/// <summary>
/// Model and limits of the service. Values out of range are refused when the service is mapped or started, with a
/// message that names all of them.
/// </summary>
public sealed class PocketSamOptions
{
    /// <summary>
    /// A model's name or file, as for <see cref="Sam.Load(string)"/>; ignored if the host has registered a <see
    /// cref="Sam"/>.
    /// </summary>
    public string Model { get; set; } = Sam.DefaultName;

    /// <summary>
    /// Side of the model's input in pixels, a multiple of 64 from 64 to 4096; null for the model's own.
    /// </summary>
    public int? ImageSize { get; set; }

    /// <summary>Memory limit of pictures and their embeddings in bytes; at least 16 MiB.</summary>
    public long CacheBytes { get; set; } = 1L << 30;

    /// <summary>How long a picture is kept after its last use; 1 second to 30 days.</summary>
    public TimeSpan CacheAge { get; set; } = TimeSpan.FromHours(1);

    /// <summary>
    /// Store in which replicas share pictures and embeddings, so that each of them answers for any picture:
    /// <c>memory</c> (the default) for none, <c>folder:PATH</c> for a folder that all replicas see,
    /// <c>redis:HOST[:PORT]</c> for Redis. Entries are removed <see cref="CacheAge"/> after their last use.
    /// </summary>
    public string Store { get; set; } = "memory";

    /// <summary>Largest upload in bytes; 1 KiB to 1 GiB.</summary>
    public int MaxUploadBytes { get; set; } = 32 << 20;

    /// <summary>Longest time of an upload; 1 second to 1 hour.</summary>
    public TimeSpan UploadTimeout { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>Largest number of pixels of a picture; 1 to 500 million.</summary>
    public int MaxPixels { get; set; } = ImageFile.MaxPixels;

    /// <summary>Largest number of points and boxes of one object; 1 to 1024.</summary>
    public int MaxPrompts { get; set; } = 128;

    /// <summary>Largest number of objects in one request; 1 to 1024.</summary>
    public int MaxObjects { get; set; } = 64;

    /// <summary>
    /// Largest product of the number of objects in one prediction and the picture's pixels; a single object is always
    /// allowed. 1 million to 1 trillion.
    /// </summary>
    public long MaxObjectPixels { get; set; } = 1_000_000_000;

    /// <summary>Largest number of points along a side of the grid when finding all masks; 1 to 256.</summary>
    public int MaxPointsPerSide { get; set; } = 64;

    /// <summary>Largest number of objects in one export; 1 to 100,000.</summary>
    public int MaxExportObjects { get; set; } = 2000;

    /// <summary>
    /// Largest number of corners of exact outlines in one export, before simplification; 1000 to 1 billion.
    /// </summary>
    public long MaxExportCorners { get; set; } = 2_000_000;

    /// <summary>
    /// Largest total of pixels in one export: of the boxes for cutouts, of the whole picture for each mask. 1 million
    /// to 1 trillion.
    /// </summary>
    public long MaxExportPixels { get; set; } = 4_000_000_000;

    /// <summary>
    /// Largest total of photo pixels in the cutouts of one export, at most 3 bytes each. 1 million to 1 trillion.
    /// </summary>
    public long MaxExportPhotoPixels { get; set; } = 100_000_000;

    /// <summary>
    /// Number of pictures that may wait to be encoded; further uploads are refused with status 429. 1 to 1024.
    /// </summary>
    public int QueueLength { get; set; } = 16;

    /// <summary>How long a picture that is not encoded is kept after its last watcher has left; 0 to 1 hour.</summary>
    public TimeSpan GiveUpAfter { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>Requests per second of one client on average, twice as many in a burst; 1 to 100,000.</summary>
    public int RequestsPerSecond { get; set; } = 200;

    /// <summary>
    /// Largest size of an embedding, in bytes at two for each value, that the service gives to browsers, together with
    /// the decoder as ONNX; the page then decodes masks itself. 0 (the service decodes all masks) to 64 million.
    /// </summary>
    public int BrowserEmbeddingBytes { get; set; } = 4_000_000;

    /// <summary>
    /// If set, only requests with this key in <c>X-Api-Key</c> are answered; the page asks the user for it.
    /// </summary>
    public string? ApiKey { get; set; }

    /// <summary>
    /// Names that requests may have in <c>Host</c>, without port; <c>*</c> allows any. If empty, requests over the
    /// loopback interface must name it (<c>localhost</c>, <c>127.0.0.1</c>, <c>[::1]</c>), which prevents DNS
    /// rebinding, and other requests may name anything. Behind a proxy on the same machine, list the public names.
    /// </summary>
    public IList<string> AllowedHosts { get; } = [];
}
