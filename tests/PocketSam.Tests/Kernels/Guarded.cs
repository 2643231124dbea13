using System.Runtime.CompilerServices;

namespace PocketSam.Tests.Kernels;

/// <summary>
/// Floats between margins of NaN, at an address that is no multiple of a vector: what a kernel reads beyond its
/// operands spoils its result, what it writes beyond them is found by <see cref="AssertEquals"/>. Elements that nobody
/// set, as the gaps of strided rows, are NaN too.
/// </summary>
internal sealed unsafe class Guarded
{
    /// <summary>More than the two widest vectors of a panel.</summary>
    private const int Margin = 80;

    private readonly float[] _memory;
    private readonly int _start;
    private readonly int _count;

    public Guarded(int count, int shift = 1)
    {
        _memory = GC.AllocateUninitializedArray<float>(count + 2 * Margin, pinned: true);
        _memory.AsSpan().Fill(float.NaN);
        (_start, _count) = (Margin - shift, count);
    }

    public float* Data => (float*)Unsafe.AsPointer(ref _memory[_start]);

    public Span<float> Span => _memory.AsSpan(_start, _count);

    public static Guarded From(ReadOnlySpan<float> values)
    {
        var guarded = new Guarded(values.Length);
        values.CopyTo(guarded.Span);
        return guarded;
    }

    /// <summary>Row-major values in rows of that stride, NaN between them.</summary>
    public static Guarded Rows(ReadOnlySpan<float> values, int columns, int stride)
    {
        var guarded = new Guarded(values.Length / columns * stride);
        for (int row = 0; row < values.Length / columns; row++)
            values.Slice(row * columns, columns).CopyTo(guarded.Span[(row * stride)..]);
        return guarded;
    }

    /// <summary>
    /// Every element is within the tolerance of the expected one, or NaN where NaN is expected, and the margins are
    /// untouched.
    /// </summary>
    public void AssertEquals(ReadOnlySpan<double> expected, double tolerance, string what)
    {
        Assert.Equal(_count, expected.Length);
        for (int i = 0; i < _memory.Length; i++)
        {
            int at = i - _start;
            double wanted = at >= 0 && at < _count ? expected[at] : double.NaN, actual = _memory[i];
            bool equal = double.IsNaN(wanted) ? double.IsNaN(actual) : Math.Abs(wanted - actual) <= tolerance;
            if (!equal)
                Assert.Fail($"{what}: {actual} at {at} of {_count} instead of {wanted}");
        }
    }

    /// <summary>The same for rows of that stride.</summary>
    public void AssertRows(ReadOnlySpan<double> expected, int columns, int stride, double tolerance, string what)
    {
        double[] all = new double[_count];
        Array.Fill(all, double.NaN);
        for (int row = 0; row < expected.Length / columns; row++)
            expected.Slice(row * columns, columns).CopyTo(all.AsSpan(row * stride));
        AssertEquals(all, tolerance, what);
    }
}
