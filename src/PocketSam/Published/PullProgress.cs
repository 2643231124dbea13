namespace PocketSam;

/// <summary>Progress of a download.</summary>
/// <param name="Bytes">Bytes present, including those of earlier attempts.</param>
/// <param name="TotalBytes">Total bytes; null if the publisher does not say.</param>
public readonly record struct PullProgress(long Bytes, long? TotalBytes);
