using PocketSam.Kernels;

namespace PocketSam.Tests.Kernels;

public sealed unsafe class ResampleKernelTests
{
    public static TheoryData<int, int, int, int> Sizes => new()
    {
        { 1, 1, 1, 1 }, { 1, 1, 64, 64 }, { 64, 64, 1, 1 }, { 5, 7, 5, 7 }, { 5, 7, 11, 7 }, { 5, 7, 5, 3 },
        { 100, 3, 33, 1 }, { 37, 29, 64, 50 }, { 200, 150, 64, 48 }, { 17, 300, 16, 64 }, { 1, 900, 1, 64 },
    };

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Pixels_are_those_of_the_filter_written_plainly(int width, int height, int newWidth, int newHeight)
    {
        byte[] source = new byte[width * height * 3], target = new byte[newWidth * newHeight * 3];
        new Random(width * 1000 + newHeight).NextBytes(source);

        fixed (byte* s = source, t = target)
            ResampleKernel.Run(s, width, height, t, newWidth, newHeight);

        byte[] expected = Transpose(Columns(source, width, height, newWidth), newWidth, height);
        expected = Transpose(Columns(expected, height, newWidth, newHeight), newHeight, newWidth);
        Assert.Equal(expected, target);
    }

    [Fact]
    public void Number_of_threads_does_not_matter()
    {
        byte[] source = new byte[301 * 203 * 3], one = new byte[128 * 86 * 3], two = new byte[one.Length];
        new Random(1).NextBytes(source);
        int threads = Workers.Count;
        fixed (byte* s = source, a = one, b = two)
        {
            try
            {
                Workers.Count = 1;
                ResampleKernel.Run(s, 301, 203, a, 128, 86);
                Workers.Count = 4;
                ResampleKernel.Run(s, 301, 203, b, 128, 86);
            }
            finally
            {
                Workers.Count = threads;
            }
        }

        Assert.Equal(one, two);
    }

    /// <summary>One pass along the rows, from the filter's definition.</summary>
    private static byte[] Columns(byte[] source, int width, int height, int newWidth)
    {
        if (width == newWidth)
            return source;
        byte[] target = new byte[newWidth * height * 3];
        double scale = (double)width / newWidth, radius = Math.Max(1, scale);
        for (int x = 0; x < newWidth; x++)
        {
            double centre = (x + 0.5) * scale;
            int first = Math.Max(0, (int)(centre - radius + 0.5)), end = Math.Min(width, (int)(centre + radius + 0.5));
            double[] weights = [.. Enumerable.Range(first, end - first)
                .Select(i => Math.Max(0, 1 - Math.Abs((i - centre + 0.5) * (1 / radius))))];
            double total = 0;
            foreach (double weight in weights)
                total += weight;
            for (int i = 0; i < height * 3; i++)
            {
                int row = i / 3 * width, sum = 1 << 21;
                for (int k = 0; k < weights.Length; k++)
                    sum += (int)(0.5 + weights[k] / total * (1 << 22)) * source[(row + first + k) * 3 + i % 3];
                target[(i / 3 * newWidth + x) * 3 + i % 3] = (byte)Math.Clamp(sum >> 22, 0, 255);
            }
        }

        return target;
    }

    private static byte[] Transpose(byte[] source, int width, int height)
    {
        byte[] target = new byte[source.Length];
        for (int i = 0; i < source.Length; i++)
        {
            int pixel = i / 3;
            target[(pixel % width * height + pixel / width) * 3 + i % 3] = source[i];
        }

        return target;
    }
}
