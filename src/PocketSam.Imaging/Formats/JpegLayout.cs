using System.Buffers.Binary;

namespace PocketSam.Imaging.Formats;

/// <summary>
/// The facts about a JPEG that its decoder does not report, from its markers: the number of scans, and where the file
/// ends.
/// </summary>
/// <param name="Scans">Number of scans that begin.</param>
/// <param name="End">Offset of the end marker in bytes; -1 if there is none.</param>
internal readonly record struct JpegLayout(int Scans, int End)
{
    private const byte MarkerStart = 0xFF;
    private const byte StartOfImage = 0xD8;
    private const byte EndOfImage = 0xD9;
    private const byte StartOfScan = 0xDA;
    private const byte Temporary = 0x01;

    /// <summary>
    /// Walks the markers. It skips the contents of segments, so markers of an embedded thumbnail do not count.
    /// </summary>
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

    /// <summary>
    /// Whether the marker has a segment with a length: stuffed zeros in the data and standalone markers have none.
    /// </summary>
    private static bool HasSegment(byte marker) => marker is not (0 or Temporary or (>= 0xD0 and <= StartOfImage));
}
