namespace PocketSam.Server.Api;

/// <summary>A picture that was uploaded.</summary>
/// <param name="Id">What requests call it.</param>
/// <param name="Name">What exports call it.</param>
/// <param name="Width">Pixels in a row of the upright picture.</param>
/// <param name="Height">Its rows.</param>
/// <param name="Bytes">Size of the file.</param>
/// <param name="State"><c>queued</c>, <c>encoding</c>, <c>ready</c> or <c>failed</c>.</param>
/// <param name="Position">Pictures that are encoded before it; 0 while it is encoded and afterwards.</param>
/// <param name="Error">Why it failed, if it did.</param>
internal sealed record ImageDocument(
    string Id, string Name, int Width, int Height, int Bytes, string State, int Position, string? Error = null);
