namespace PocketSam.Server.Api;

/// <summary>An uploaded picture.</summary>
/// <param name="Id">Its id in requests.</param>
/// <param name="Name">Its name in exports.</param>
/// <param name="Width">Width of the upright picture in pixels.</param>
/// <param name="Height">Height of the upright picture in pixels.</param>
/// <param name="Bytes">Size of the file in bytes.</param>
/// <param name="State"><c>queued</c>, <c>encoding</c>, <c>ready</c> or <c>failed</c>.</param>
/// <param name="Position">Number of pictures to be encoded before it; 0 once its encoding has begun.</param>
/// <param name="Error">Why encoding failed; null unless it did.</param>
internal sealed record ImageDocument(
    string Id, string Name, int Width, int Height, int Bytes, string State, int Position, string? Error = null);
