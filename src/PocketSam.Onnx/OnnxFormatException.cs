namespace PocketSam.Onnx;

/// <summary>A file is no ONNX model, or none of the kind that is meant. The message names the file.</summary>
/// <param name="file">The file.</param>
/// <param name="problem">What is wrong with it.</param>
public sealed class OnnxFormatException(string file, string problem) : IOException($"{file}: {problem}");
