namespace PocketSam.Onnx;

/// <summary>A file is not an ONNX model, or not one of the expected kind. The message names the file.</summary>
/// <param name="file">The file.</param>
/// <param name="problem">What is wrong with it.</param>
public sealed class OnnxFormatException(string file, string problem) : IOException($"{file}: {problem}");
