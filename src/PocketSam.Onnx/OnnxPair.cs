namespace PocketSam.Onnx;

/// <summary>The files that a model was written to.</summary>
/// <param name="Encoder">The image encoder.</param>
/// <param name="Decoder">Prompt encoder and mask decoder.</param>
/// <param name="ImageSize">Side of the input.</param>
/// <param name="Files">All files, those with weights and settings that lie beside the two included.</param>
public sealed record OnnxPair(string Encoder, string Decoder, int ImageSize, IReadOnlyList<string> Files);
