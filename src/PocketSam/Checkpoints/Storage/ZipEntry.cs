namespace PocketSam.Checkpoints.Storage;

/// <summary>An entry of a zip archive's directory.</summary>
/// <param name="Name">Its path.</param>
/// <param name="IsStored">Whether its bytes lie there as they are, neither compressed nor encrypted.</param>
/// <param name="Length">How many they are.</param>
/// <param name="Header">Where its own header lies.</param>
internal readonly record struct ZipEntry(string Name, bool IsStored, long Length, long Header);
