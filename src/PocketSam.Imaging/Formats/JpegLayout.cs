using System.Buffers.Binary;

namespace PocketSam.Imaging.Formats;

/// <summary>
/// What the markers of a JPEG tell that its decoder does not: how many scans there are, and where it ends.
/// </summary>
/// <param name="Scans">Scans that begin.</param>
/// <param name="End">Where the marker of the end stands, -1 where there is none.</param>
internal readonly record struct JpegLayout(int Scans, int End)
{
    private const byte MarkerStart = 0xFF;
    private const byte StartOfImage = 0xD8;
    private const byte EndOfImage = 0xD9;
    private const byte StartOfScan = 0xDA;
    private const byte Temporary = 0x01;

    /// <summary>Goes from marker to marker; segments are stepped over, so that a thumbnail's do not count.</summary>
    public static JpegLayout Of(ReadOnlySpan<byte> jpeg)
    {
        int scans = 0, at = 2;
        while (at < jpeg.Length)
        {
            int step = jpeg[at..].IndexOf(MarkerStart);
            if (step < 0)
                break;
            at += step + 1;
            while (at < jpeg.Length && jpeg[at] == MarkerStart)
                at++;
            if (at >= jpeg.Length)
                break;
            byte marker = jpeg[at++];
            if (marker == EndOfImage)
                return new(scans, at - 2);
            if (!HasSegment(marker))
                continue;
            if (at + 2 > jpeg.Length)
                break;
            if (marker == StartOfScan)
                scans++;
            at += BinaryPrimitives.ReadUInt16BigEndian(jpeg[at..]);
        }

        return new(scans, -1);
    }

    /// <summary>Whether a length follows: not after a stuffed zero of the data, nor after markers that stand alone.</summary>
    private static bool HasSegment(byte marker) => marker is not (0 or Temporary or (>= 0xD0 and <= StartOfImage));
}
