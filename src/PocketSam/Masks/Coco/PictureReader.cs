namespace PocketSam;

/// <summary>Decodes the picture in a file. Given from outside, so that training depends on no picture format.</summary>
/// <param name="path">The file.</param>
public delegate RgbImage PictureReader(string path);
