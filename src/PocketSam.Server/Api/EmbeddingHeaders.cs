namespace PocketSam.Server.Api;

/// <summary>What an answer with an embedding says of it; numbers with commas between them.</summary>
internal static class EmbeddingHeaders
{
    /// <summary>Channels, rows, columns.</summary>
    public const string Shape = "X-Embedding-Shape";

    /// <summary>Width and height of the picture.</summary>
    public const string Picture = "X-Picture-Size";

    /// <summary>Width and height of the picture in the model's input.</summary>
    public const string Resized = "X-Resized-Size";
}
