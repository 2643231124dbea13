using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace PocketSam.Masks;

/// <summary>Converts rows of pixels of any <see cref="PixelLayout"/> to packed red, green, blue.</summary>
internal static class PixelRow
{
    /// <summary>Bytes of a pixel.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not a layout.</exception>
    public static int BytesOf(PixelLayout layout) => layout switch
    {
        PixelLayout.Gray => 1,
        PixelLayout.Rgb or PixelLayout.Bgr => 3,
        PixelLayout.Rgba or PixelLayout.Bgra => 4,
        _ => throw new ArgumentOutOfRangeException(nameof(layout), layout, "not a layout of pixels"),
    };

    /// <summary>
    /// Converts one row. Fully optimised from the first call: the first picture of a process is often the only one.
    /// </summary>
    /// <param name="source">The pixels of the row.</param>
    /// <param name="layout">Their layout.</param>
    /// <param name="rgb">Receives three bytes for each pixel.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Convert(ReadOnlySpan<byte> source, PixelLayout layout, Span<byte> rgb)
    {
        switch (layout)
        {
            case PixelLayout.Rgb:
                source.CopyTo(rgb);
                break;
            case PixelLayout.Bgr:
                for (int i = 0; i < rgb.Length; i += 3)
                    (rgb[i], rgb[i + 1], rgb[i + 2]) = (source[i + 2], source[i + 1], source[i]);
                break;
            case PixelLayout.Rgba:
                DropFourth(source, Vector128.Create((byte)0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, 15, 15, 15, 15), rgb);
                break;
            case PixelLayout.Bgra:
                DropFourth(source, Vector128.Create((byte)2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, 15, 15, 15, 15), rgb);
                break;
            default:
                for (int i = 0; i < source.Length; i++)
                    rgb[3 * i] = rgb[3 * i + 1] = rgb[3 * i + 2] = source[i];
                break;
        }
    }

    /// <summary>
    /// Converts groups of four pixels of four bytes to twelve bytes; the last four bytes of a vector's store are
    /// overwritten by the next one. Inlined, so that the order is a constant of the shuffle.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void DropFourth(ReadOnlySpan<byte> source, Vector128<byte> order, Span<byte> rgb)
    {
        int pixel = 0, count = rgb.Length / 3;
        if (Vector128.IsHardwareAccelerated)
        {
            ref byte from = ref MemoryMarshal.GetReference(source);
            ref byte to = ref MemoryMarshal.GetReference(rgb);

            // A vector stores 16 bytes, which needs two pixels after its own four.
            for (; pixel + 6 <= count; pixel += 4)
            {
                Vector128<byte> four = Vector128.LoadUnsafe(ref from, (nuint)(4 * pixel));
                Vector128.Shuffle(four, order).StoreUnsafe(ref to, (nuint)(3 * pixel));
            }
        }

        for (; pixel < count; pixel++)
        {
            for (int k = 0; k < 3; k++)
                rgb[3 * pixel + k] = source[4 * pixel + order.GetElement(k)];
        }
    }
}
