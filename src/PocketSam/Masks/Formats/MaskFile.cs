namespace PocketSam;

/// <summary>A file that a <see cref="MaskFormat"/> makes.</summary>
/// <param name="Name">What it is called, without a folder.</param>
/// <param name="Write">Writes its bytes; may be called once or several times.</param>
public sealed record MaskFile(string Name, Action<Stream> Write)
{
    /// <summary>
    /// Place of its mask among the picture's, from 0, where the format <see cref="MaskFormat.IsFilePerMask">has a file for
    /// each</see>; null for a file of all masks and for those beside it.
    /// </summary>
    public int? Place { get; init; }
}
