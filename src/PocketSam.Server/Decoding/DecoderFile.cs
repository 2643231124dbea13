namespace PocketSam.Server.Decoding;

/// <summary>The model's decoder as an ONNX file, with the facts its users need.</summary>
/// <param name="Graph">
/// The file: layout <c>sam</c> with low-resolution logits as the output, weights in half precision.
/// </param>
/// <param name="Tag">Its entity tag.</param>
/// <param name="Channels">Channels of the embedding.</param>
/// <param name="Side">Rows and columns of the embedding.</param>
internal sealed record DecoderFile(byte[] Graph, string Tag, int Channels, int Side);
