namespace PocketSam.Checkpoints.Storage;

/// <summary>An entry of a zip archive's directory.</summary>
/// <param name="Name">Its path.</param>
/// <param name="IsStored">Whether its bytes are neither compressed nor encrypted.</param>
/// <param name="Length">Its length in bytes.</param>
/// <param name="Header">Offset of its local header.</param>
internal readonly record struct ZipEntry(string Name, bool IsStored, long Length, long Header);
