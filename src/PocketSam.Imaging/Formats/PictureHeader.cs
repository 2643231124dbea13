namespace PocketSam.Imaging.Formats;

/// <summary>What a file says of its picture before a pixel is decoded: its size as stored, its orientation.</summary>
internal readonly record struct PictureHeader(int Width, int Height, int Orientation)
{
    public (int Width, int Height) UprightSize
        => Formats.Orientation.IsTransposed(Orientation) ? (Height, Width) : (Width, Height);
}
