namespace PocketSam;

/// <summary>A file of a <see cref="MaskFormat"/>.</summary>
/// <param name="Name">The file name, without a folder.</param>
/// <param name="Write">Writes the content; may be called more than once.</param>
public sealed record MaskFile(string Name, Action<Stream> Write)
{
    /// <summary>
    /// Index of its mask among the picture's, from 0, in a format with <see cref="MaskFormat.IsFilePerMask">a file per
    /// mask</see>; null for a file of all masks and for further files.
    /// </summary>
    public int? Place { get; init; }
}
