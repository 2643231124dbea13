namespace PocketSam.Imaging.Formats;

/// <summary>A problem of a TIFF; the decoder adds the file's name.</summary>
internal sealed class TiffException(string message) : Exception(message);
