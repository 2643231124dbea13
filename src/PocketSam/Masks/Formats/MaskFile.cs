namespace PocketSam;

/// <summary>A file that a <see cref="MaskFormat"/> makes.</summary>
/// <param name="Name">What it is called, without a folder.</param>
/// <param name="Write">Writes its bytes; may be called once or several times.</param>
public sealed record MaskFile(string Name, Action<Stream> Write);
