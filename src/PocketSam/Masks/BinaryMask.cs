using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.Intrinsics;
using PocketSam.Masks;

namespace PocketSam;

/// <summary>
/// One bit per pixel, row-major. Each row starts at a new 64-bit word; bit <c>x % 64</c> of word <c>x / 64</c> is pixel
/// <c>x</c>. Bits past the width are always zero.
/// </summary>
public sealed class BinaryMask
{
    private readonly ulong[] _words;
    private readonly int _stride;

    /// <summary>An empty mask.</summary>
    /// <param name="width">Pixels in a row, at least 1.</param>
    /// <param name="height">Rows, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">A side is below 1, or the pixels exceed 2^31 - 1.</exception>
    public BinaryMask(int width, int height)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((long)width * height, int.MaxValue, nameof(height));
        Width = width;
        Height = height;
        _stride = (width + 63) / 64;
        _words = new ulong[_stride * height];
    }

    private BinaryMask(BinaryMask other)
    {
        Width = other.Width;
        Height = other.Height;
        _stride = other._stride;
        _words = [.. other._words];
    }

    /// <summary>Pixels in a row.</summary>
    public int Width { get; }

    /// <summary>Rows.</summary>
    public int Height { get; }

    /// <summary>Whether the pixel belongs to the mask.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The pixel is outside the picture.</exception>
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

    /// <summary>The smallest box that holds every pixel set; all zeros for an empty mask.</summary>
    public PixelBox Bounds
    {
        get
        {
            int first = _words.AsSpan().IndexOfAnyExcept(0ul);
            if (first < 0)
                return default;
            int top = first / _stride;
            int bottom = _words.AsSpan().LastIndexOfAnyExcept(0ul) / _stride + 1;

            int left = Width, right = 0;
            for (int y = top; y < bottom; y++)
            {
                ReadOnlySpan<ulong> row = Row(y);
                int low = row.IndexOfAnyExcept(0ul);
                if (low < 0)
                    continue;
                int high = row.LastIndexOfAnyExcept(0ul);
                left = Math.Min(left, low * 64 + BitOperations.TrailingZeroCount(row[low]));
                right = Math.Max(right, high * 64 + 64 - BitOperations.LeadingZeroCount(row[high]));
            }

            return new PixelBox(left, top, right - left, bottom - top);
        }
    }

    /// <summary>Packs one byte per pixel; every non-zero byte sets its pixel.</summary>
    /// <param name="width">Pixels in a row, at least 1.</param>
    /// <param name="height">Rows, at least 1.</param>
    /// <param name="pixels"><c>[height, width]</c> bytes without padding.</param>
    /// <exception cref="ArgumentException">There are not <c>width * height</c> bytes.</exception>
    public static BinaryMask FromBytes(int width, int height, ReadOnlySpan<byte> pixels)
    {
        var mask = new BinaryMask(width, height);
        if (pixels.Length != width * height)
        {
            throw new ArgumentException(
                $"a mask of {width}x{height} has {width * height} bytes, not {pixels.Length}", nameof(pixels));
        }

        for (int y = 0; y < height; y++)
        {
            ReadOnlySpan<byte> source = pixels.Slice(y * width, width);
            Span<ulong> row = mask.Row(y);
            int x = 0;
            for (; x + Vector512<byte>.Count <= width; x += Vector512<byte>.Count)
                row[x >> 6] = ~Vector512.Equals(Vector512.Create(source[x..]), default).ExtractMostSignificantBits();
            for (; x < width; x++)
            {
                if (source[x] != 0)
                    row[x >> 6] |= 1ul << (x & 63);
            }
        }

        return mask;
    }

    /// <summary>
    /// One byte per pixel, <c>[height, width]</c>: <paramref name="value"/> where set, otherwise zero.
    /// </summary>
    public byte[] ToBytes(byte value = 1)
    {
        byte[] pixels = new byte[Width * Height];
        for (int y = 0; y < Height; y++)
        {
            Span<byte> row = pixels.AsSpan(y * Width, Width);
            for (int start = NextSet(y, 0); start < Width;)
            {
                int end = NextClear(y, start);
                row[start..end].Fill(value);
                start = NextSet(y, end);
            }
        }

        return pixels;
    }

    /// <summary>A copy with its own pixels.</summary>
    public BinaryMask Clone() => new(this);

    /// <summary>A copy of a part.</summary>
    /// <exception cref="ArgumentException">The box is empty or reaches outside the mask.</exception>
    public BinaryMask Crop(PixelBox box)
    {
        box.RequireInside(Width, Height);
        var part = new BinaryMask(box.Width, box.Height);
        int word = box.X >> 6, shift = box.X & 63;
        ulong tail = ~0ul >> (63 - ((box.Width - 1) & 63));
        for (int y = 0; y < box.Height; y++)
        {
            ReadOnlySpan<ulong> source = Row(box.Y + y)[word..];
            Span<ulong> target = part.Row(y);
            for (int i = 0; i < target.Length; i++)
            {
                target[i] = source[i] >> shift;
                if (shift != 0 && i + 1 < source.Length)
                    target[i] |= source[i + 1] << (64 - shift);
            }

            target[^1] &= tail;
        }

        return part;
    }

    /// <summary>
    /// The borders of the mask's parts, with holes, on pixel corners; <see cref="MaskPolygon"/> defines a part.
    /// </summary>
    /// <param name="tolerance">Distance in pixels from the simplified border within which a
    /// corner may be left out (Douglas-Peucker); 0 keeps every corner and thus the exact mask.
    /// A part or hole may shrink, but none vanishes: each ring keeps at least 3 corners, and
    /// as many more as it needs not to cross another ring or change to its other side.</param>
    /// <returns>One polygon for each part, ordered by top row, then from the left; none for an empty mask.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The tolerance is negative or not finite.</exception>
    public IReadOnlyList<MaskPolygon> ToPolygons(double tolerance = 1) => ToPolygons(tolerance, default);

    /// <summary>
    /// <see cref="ToPolygons(double)"/> of a mask whose top left corner is at <paramref name="origin"/> in its picture.
    /// </summary>
    internal IReadOnlyList<MaskPolygon> ToPolygons(double tolerance, PixelCorner origin)
    {
        if (!(tolerance >= 0 && double.IsFinite(tolerance)))
            throw new ArgumentOutOfRangeException(nameof(tolerance), tolerance, "a tolerance is 0 pixels or more");
        return OutlineSimplifier.Simplify(BorderTracer.Trace(this, origin), tolerance);
    }

    /// <summary>Whether both masks have the same size and the same pixels.</summary>
    public bool ContentEquals(BinaryMask other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return Width == other.Width && Height == other.Height && _words.AsSpan().SequenceEqual(other._words);
    }

    /// <summary>Unsets every pixel.</summary>
    public void Clear() => Array.Clear(_words);

    /// <summary>Sets every pixel of a box.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The box reaches outside the picture.</exception>
    public void Fill(PixelBox box)
    {
        for (int y = box.Y; y < box.Bottom; y++)
            SetSpan(y, box.X, box.Right);
    }

    /// <summary>
    /// Sets the pixels from <paramref name="start"/> (inclusive) to <paramref name="end"/> (exclusive) of a row.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The span reaches
    /// outside the picture, or ends before it starts.</exception>
    public void SetSpan(int y, int start, int end)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)y, (uint)Height, nameof(y));
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)end, (uint)Width, nameof(end));
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)start, (uint)end, nameof(start));
        if (start == end)
            return;

        Span<ulong> row = Row(y);
        int first = start >> 6;
        int last = (end - 1) >> 6;
        ulong head = ~0ul << (start & 63);
        ulong tail = ~0ul >> (63 - ((end - 1) & 63));
        if (first == last)
        {
            row[first] |= head & tail;
            return;
        }

        row[first] |= head;
        row[(first + 1)..last].Fill(~0ul);
        row[last] |= tail;
    }

    /// <summary>Keeps only the pixels that <paramref name="other"/> also has.</summary>
    /// <exception cref="ArgumentException">The masks differ in size.</exception>
    public void IntersectWith(BinaryMask other)
    {
        CheckSameSize(other);
        TensorPrimitives.BitwiseAnd(_words, other._words, _words);
    }

    /// <summary>Adds the pixels of <paramref name="other"/>.</summary>
    /// <exception cref="ArgumentException">The masks differ in size.</exception>
    public void UnionWith(BinaryMask other)
    {
        CheckSameSize(other);
        TensorPrimitives.BitwiseOr(_words, other._words, _words);
    }

    /// <summary>Keeps the pixels that exactly one of the two masks has.</summary>
    /// <exception cref="ArgumentException">The masks differ in size.</exception>
    public void XorWith(BinaryMask other)
    {
        CheckSameSize(other);
        TensorPrimitives.Xor(_words, other._words, _words);
    }

    /// <summary>Removes the pixels of <paramref name="other"/>.</summary>
    /// <exception cref="ArgumentException">The masks differ in size.</exception>
    public void Subtract(BinaryMask other)
    {
        CheckSameSize(other);
        for (int i = 0; i < _words.Length; i++)
            _words[i] &= ~other._words[i];
    }

    /// <summary>Intersection over union, 0 to 1; 0 if both masks are empty, as in COCO's own tools.</summary>
    /// <exception cref="ArgumentException">The masks differ in size.</exception>
    public double Iou(BinaryMask other)
    {
        CheckSameSize(other);
        int intersection = 0, union = 0;
        for (int i = 0; i < _words.Length; i++)
        {
            intersection += BitOperations.PopCount(_words[i] & other._words[i]);
            union += BitOperations.PopCount(_words[i] | other._words[i]);
        }

        return union == 0 ? 0 : (double)intersection / union;
    }

    /// <summary>The words of all rows, from the top. Writers must keep the bits past the width zero.</summary>
    internal Span<ulong> Words => _words;

    /// <summary>Words of a row.</summary>
    internal int Stride => _stride;

    /// <summary>The words of row <paramref name="y"/>. Writers must keep the bits past the width zero.</summary>
    internal Span<ulong> Row(int y) => _words.AsSpan(y * _stride, _stride);

    /// <summary>The first set pixel at or after <paramref name="from"/> in a row; the width if there is none.</summary>
    /// <param name="y">The row.</param>
    /// <param name="from">The column to start at, 0 or more; from the width on, the result is the width.</param>
    public int NextSet(int y, int from) => Next(y, from, 0);

    /// <summary>
    /// The first unset pixel at or after <paramref name="from"/> in a row; the width if there is none.
    /// </summary>
    /// <param name="y">The row.</param>
    /// <param name="from">The column to start at, 0 or more; from the width on, the result is the width.</param>
    public int NextClear(int y, int from) => Next(y, from, ~0ul);

    /// <summary>Inverts a pixel; the column is not checked against the width.</summary>
    internal void Flip(int x, int y) => _words[y * _stride + (x >> 6)] ^= 1ul << (x & 63);

    /// <summary>
    /// Makes each row the exclusive or of itself and all rows above: turns marks of where a column changes its value
    /// into the values.
    /// </summary>
    internal void AccumulateRows()
    {
        for (int y = 1; y < Height; y++)
            TensorPrimitives.Xor(Row(y), Row(y - 1), Row(y));
    }

    private int Next(int y, int from, ulong inverted)
    {
        if (from >= Width)
            return Width;
        ReadOnlySpan<ulong> row = Row(y);
        int i = from >> 6;
        ulong word = (row[i] ^ inverted) & ~0ul << (from & 63);
        while (word == 0)
        {
            if (++i == row.Length)
                return Width;
            word = row[i] ^ inverted;
        }

        return Math.Min(Width, i * 64 + BitOperations.TrailingZeroCount(word));
    }

    private void Check(int x, int y)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)x, (uint)Width, nameof(x));
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)y, (uint)Height, nameof(y));
    }

    private void CheckSameSize(BinaryMask other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (Width != other.Width || Height != other.Height)
        {
            throw new ArgumentException(
                $"masks differ in size: {Width}x{Height} and {other.Width}x{other.Height}", nameof(other));
        }
    }
}
