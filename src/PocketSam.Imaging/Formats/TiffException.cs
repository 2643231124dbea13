namespace PocketSam.Imaging.Formats;

/// <summary>What is wrong with a TIFF, before the file's name is put before it.</summary>
internal sealed class TiffException(string message) : Exception(message);
