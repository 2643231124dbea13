namespace PocketSam.Imaging.Formats;

/// <summary>The bytes of a picture file, and its name for error messages.</summary>
internal readonly ref struct PictureSource(ReadOnlySpan<byte> bytes, string name)
{
    public ReadOnlySpan<byte> Bytes { get; } = bytes;

    public string Name { get; } = name;

    public ImageFormatException Error(string reason) => new(Name, reason);
}
