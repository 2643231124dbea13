using System.Numerics;

namespace PocketSam.Imaging.Formats;

/// <summary>Scales 16-bit samples to 8 bits, and reports what it does.</summary>
internal static class SampleScale
{
    /// <summary>Number of bits of samples that use their whole range.</summary>
    public const int FullBits = 16;

    private const int NearlyBlack = 16;
    private const int OneBrightIn = 1000;

    /// <summary>The number of bits, 8 to 16, that samples up to this one need.</summary>
    public static int BitsOf(int greatest) => Math.Max(32 - BitOperations.LeadingZeroCount((uint)greatest), 8);

    /// <summary>
    /// <c>255 v / (2^bits - 1)</c> to the nearest integer, at most 255; for 16 bits that is <c>round(v / 257)</c>.
    /// </summary>
    public static byte ToByte(int sample, int bits)
    {
        int full = (1 << bits) - 1;
        return (byte)Math.Min((255 * sample + full / 2) / full, 255);
    }

    /// <summary>Reports that the samples of a picture were stretched, or that a picture is nearly black.</summary>
    /// <param name="name">The picture's name.</param>
    /// <param name="pixels">Its 8-bit samples.</param>
    /// <param name="bits">The number of bits that its 16-bit samples are taken to use.</param>
    /// <param name="notice">Receives the message; null for nobody.</param>
    public static void Report(string name, ReadOnlySpan<byte> pixels, int bits, Action<string>? notice)
    {
        if (notice is null)
            return;
        if (bits < FullBits)
        {
            notice($"{name}: its 16-bit samples are taken as {bits}-bit ones, {1 << (FullBits - bits)} times as bright");
            return;
        }

        int bright = 0, most = pixels.Length / OneBrightIn;
        for (int i = 0; i < pixels.Length && bright <= most; i++)
        {
            if (pixels[i] >= NearlyBlack)
                bright++;
        }

        if (bright <= most)
            notice($"{name}: nearly black; all but a thousandth of its 16-bit samples use a sixteenth of their range");
    }
}
