namespace PocketSam.Checkpoints.Torch;

/// <summary>Why a part of a file is refused; whoever reads it adds the names of the file and of the tensor.</summary>
internal sealed class RefusalException(string message) : Exception(message);
