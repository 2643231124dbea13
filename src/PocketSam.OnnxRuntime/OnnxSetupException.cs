namespace PocketSam.OnnxRuntime;

/// <summary>
/// ONNX Runtime is not installed, has not what a device needs, or refuses a file; or the file is none of SAM's family. The
/// message says which, in one line.
/// </summary>
/// <param name="message">What is wrong.</param>
/// <param name="inner">What the runtime said.</param>
public sealed class OnnxSetupException(string message, Exception? inner = null) : IOException(message, inner);
