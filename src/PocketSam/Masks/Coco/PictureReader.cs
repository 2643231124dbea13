namespace PocketSam;

/// <summary>Decodes a picture file. The caller supplies it, so that training depends on no picture format.</summary>
/// <param name="path">The file.</param>
public delegate RgbImage PictureReader(string path);
