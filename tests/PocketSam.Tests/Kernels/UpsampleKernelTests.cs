using PocketSam.Kernels.Image;

namespace PocketSam.Tests.Kernels;

/// <summary>Against the two interpolations done one after the other on whole maps.</summary>
public sealed unsafe class UpsampleKernelTests
{
    /// <summary>Pixels whose logit is nearer to a threshold may fall on either side.</summary>
    private const double Doubt = 1e-4;

    public static TheoryData<int, int, int, int> Pictures => new()
    {
        // side of the logits, input size, width and height of the picture
        { 32, 128, 128, 128 }, { 32, 128, 640, 427 }, { 32, 128, 300, 701 }, { 32, 128, 1, 1 }, { 32, 128, 50, 20 },
        { 16, 64, 63, 65 }, { 16, 64, 1000, 3 }, { 16, 64, 2, 129 }, { 64, 256, 193, 256 },
        { 32, 128, 1, 2000 }, { 32, 128, 2000, 1 }, { 256, 1024, 7, 5 }, { 256, 1024, 641, 427 }, { 64, 256, 2145, 1960 },
    };

    [Theory]
    [MemberData(nameof(Pictures))]
    public void Bits_are_those_of_two_interpolations(int side, int input, int width, int height)
    {
        double scale = (double)input / Math.Max(width, height);
        int resizedWidth = Math.Max(1, (int)(width * scale + 0.5));
        int resizedHeight = Math.Max(1, (int)(height * scale + 0.5));
        var random = new Random(width * 31 + height);
        float[] low = new float[side * side];
        for (int i = 0; i < low.Length; i++)
            low[i] = (float)(random.NextDouble() * 6 - 3);

        int words = (width + 63) / 64;
        ulong[] bits = new ulong[words * height];
        var columns = new UpsampleTaps(side, input, resizedWidth, width);
        var rows = new UpsampleTaps(side, input, resizedHeight, height);
        long sure = 0, possible = 0;
        fixed (float* l = low)
        fixed (ulong* b = bits)
        {
            // In two parts, as threads would.
            for (int part = 0; part < 2; part++)
            {
                int start = height * part / 2, end = height * (part + 1) / 2;
                if (start == end)
                    continue;
                (long s, long p) = UpsampleKernel.Threshold(l, side, columns, rows, start, end, 0, width, b + (nint)start * words, margin: 1f);
                (sure, possible) = (sure + s, possible + p);
            }
        }

        double[] plain = Interpolate(
            Interpolate(Array.ConvertAll(low, v => (double)v), side, side, side, side, input, input),
            input, input, resizedWidth, resizedHeight, width, height);
        for (int i = 0; i < plain.Length; i++)
        {
            bool set = (bits[i / width * words + i % width / 64] >> i % width % 64 & 1) != 0;
            Assert.True(
                Math.Abs(plain[i]) < Doubt || plain[i] > 0 == set, $"pixel {i % width},{i / width}: {plain[i]}");
        }

        Assert.InRange(sure, plain.Count(v => v > 1 + Doubt), plain.Count(v => v > 1 - Doubt));
        Assert.InRange(possible, plain.Count(v => v > -1 + Doubt), plain.Count(v => v > -1 - Doubt));
        if (width % 64 != 0)
            Assert.All(Enumerable.Range(0, height), y => Assert.Equal(0ul, bits[y * words + words - 1] >> width % 64));
    }

    [Fact]
    public void A_part_has_the_bits_of_the_whole()
    {
        const int Side = 16, Width = 150, Height = 90, Left = 37, Right = 121, Top = 20, Bottom = 77;
        float[] low = Samples.Uniform(Side * Side, 1);
        UpsampleTaps columns = new(Side, 64, 64, Width), rows = new(Side, 64, 38, Height);
        ulong[] whole = new ulong[3 * Height], part = new ulong[2 * (Bottom - Top)];
        fixed (float* l = low)
        fixed (ulong* w = whole, p = part)
        {
            UpsampleKernel.Threshold(l, Side, columns, rows, 0, Height, 0, Width, w, margin: 0.1f);
            UpsampleKernel.Threshold(l, Side, columns, rows, Top, Bottom, Left, Right, p, margin: 0.1f);
        }

        for (int y = Top; y < Bottom; y++)
        {
            for (int x = Left; x < Right; x++)
                Assert.Equal(Bit(whole, 3, x, y), Bit(part, 2, x - Left, y - Top));
        }

        static bool Bit(ulong[] words, int stride, int x, int y) => (words[y * stride + x / 64] >> x % 64 & 1) != 0;
    }

    /// <summary>
    /// The upper left <paramref name="usedWidth"/> x <paramref name="usedHeight"/> of a map at another size, half-pixel
    /// centres.
    /// </summary>
    internal static double[] Interpolate(
        double[] map, int stride, int mapHeight, int usedWidth, int usedHeight, int width, int height)
    {
        Assert.Equal(map.Length, stride * mapHeight);
        double[] result = new double[width * height];
        for (int y = 0; y < height; y++)
        {
            double sy = Math.Max(0, (y + 0.5) * usedHeight / height - 0.5);
            int y0 = Math.Min((int)sy, usedHeight - 1), y1 = Math.Min(y0 + 1, usedHeight - 1);
            for (int x = 0; x < width; x++)
            {
                double sx = Math.Max(0, (x + 0.5) * usedWidth / width - 0.5);
                int x0 = Math.Min((int)sx, usedWidth - 1), x1 = Math.Min(x0 + 1, usedWidth - 1);
                double fx = sx - x0, fy = sy - y0;
                result[y * width + x] =
                    (1 - fy) * ((1 - fx) * map[y0 * stride + x0] + fx * map[y0 * stride + x1])
                    + fy * ((1 - fx) * map[y1 * stride + x0] + fx * map[y1 * stride + x1]);
            }
        }

        return result;
    }
}
