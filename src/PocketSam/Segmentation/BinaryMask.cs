using System.Numerics;

namespace PocketSam.Segmentation;

/// <summary>
/// A bit per pixel, row-major; each row starts at a new 64-bit word and bit <c>x % 64</c> of word <c>x / 64</c> is
/// pixel <c>x</c>. Bits past the width are always zero.
/// </summary>
public sealed class BinaryMask
{
    private readonly ulong[] _words;
    private readonly int _stride;

    /// <summary>An empty mask.</summary>
    public BinaryMask(int width, int height)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        Width = width;
        Height = height;
        _stride = (width + 63) / 64;
        _words = new ulong[checked(_stride * height)];
    }

    /// <summary>Pixels in a row.</summary>
    public int Width { get; }

    /// <summary>Rows.</summary>
    public int Height { get; }

    /// <summary>Whether the pixel belongs to the mask.</summary>
    public bool this[int x, int y]
    {
        get
        {
            Check(x, y);
            return (_words[y * _stride + (x >> 6)] >> (x & 63) & 1) != 0;
        }

        set
        {
            Check(x, y);
            ref ulong word = ref _words[y * _stride + (x >> 6)];
            ulong bit = 1ul << (x & 63);
            word = value ? word | bit : word & ~bit;
        }
    }

    /// <summary>Number of pixels set.</summary>
    public int Area
    {
        get
        {
            int area = 0;
            foreach (ulong word in _words)
                area += BitOperations.PopCount(word);
            return area;
        }
    }

    /// <summary>The words of row <paramref name="y"/>. Whoever writes keeps the bits past the width zero.</summary>
    internal Span<ulong> Row(int y) => _words.AsSpan(y * _stride, _stride);

    private void Check(int x, int y)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)x, (uint)Width, nameof(x));
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)y, (uint)Height, nameof(y));
    }
}
