namespace PocketSam.Imaging.Formats;

/// <summary>
/// Size of a picture as stored, in pixels, and its EXIF orientation, known before any pixel is decoded.
/// </summary>
internal readonly record struct PictureHeader(int Width, int Height, int Orientation)
{
    public (int Width, int Height) UprightSize
        => Formats.Orientation.IsTransposed(Orientation) ? (Height, Width) : (Width, Height);
}
