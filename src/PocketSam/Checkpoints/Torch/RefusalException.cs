namespace PocketSam.Checkpoints.Torch;

/// <summary>A part of a file is refused; the caller adds the names of the file and of the tensor.</summary>
internal sealed class RefusalException(string message) : Exception(message);
