namespace PocketSam.OnnxRuntime;

/// <summary>
/// ONNX Runtime is not installed, lacks the device's libraries, or rejects a file; or the file is not a supported part
/// of a SAM model. The message says which, in one line.
/// </summary>
/// <param name="message">What is wrong.</param>
/// <param name="inner">The runtime's exception.</param>
public sealed class OnnxSetupException(string message, Exception? inner = null) : IOException(message, inner);
