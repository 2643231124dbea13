namespace PocketSam.Onnx;

/// <summary>The files of an exported model.</summary>
/// <param name="Encoder">Path of the image encoder.</param>
/// <param name="Decoder">Path of the prompt encoder and mask decoder.</param>
/// <param name="ImageSize">Side of the encoder's input in pixels.</param>
/// <param name="Files">Paths of all files, including external data and settings.</param>
public sealed record OnnxPair(string Encoder, string Decoder, int ImageSize, IReadOnlyList<string> Files);
