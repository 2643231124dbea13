namespace PocketSam;

/// <summary>How far a download has come.</summary>
/// <param name="Bytes">Bytes that are there, those of an earlier attempt among them.</param>
/// <param name="TotalBytes">Bytes in all; null where the publisher does not say.</param>
public readonly record struct PullProgress(long Bytes, long? TotalBytes);
