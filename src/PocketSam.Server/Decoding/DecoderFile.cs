namespace PocketSam.Server.Decoding;

/// <summary>The model's decoder as ONNX, with all that its user must know.</summary>
/// <param name="Graph">The file: inputs and results of layout <c>sam</c> that end at low-resolution logits, weights in half precision.</param>
/// <param name="Tag">Its entity tag.</param>
/// <param name="Channels">Values at each place of the embedding.</param>
/// <param name="Side">Rows and columns of the embedding.</param>
internal sealed record DecoderFile(byte[] Graph, string Tag, int Channels, int Side);
