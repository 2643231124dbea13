using PocketSam.Kernels;
using PocketSam.Kernels.Image;

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

    /// <summary>
    /// Sizes, and FNV-1a of the bytes that Pillow 9.4 makes of <see cref="Pattern"/> with its bilinear filter; both
    /// enlarged and shrunk.
    /// </summary>
    public static TheoryData<int, int, int, int, ulong> Pillow => new()
    {
        { 1, 1, 64, 64, 0xE6DCFEADED622325 }, { 5, 3, 64, 38, 0xB4932611DF0169F8 },
        { 3, 200, 2, 128, 0xEDE50D5180830E9D }, { 100, 67, 1024, 686, 0x5A7370492E8F93E7 },
        { 640, 427, 1024, 683, 0x114392E7D275380D }, { 641, 427, 1024, 682, 0x7BC15869185989FE },
        { 333, 500, 426, 640, 0xDE9EC7BC8243818F }, { 1500, 1001, 1024, 683, 0x48F23DC0F5466652 },
        { 2000, 1, 256, 1, 0xFBE2DFAD2DEFB0BD }, { 1, 2000, 1, 256, 0xFBE2DFAD2DEFB0BD },
    };

    [Theory]
    [MemberData(nameof(Pillow))]
    public void Pixels_are_those_of_Pillow(int width, int height, int newWidth, int newHeight, ulong hash)
    {
        byte[] source = Pattern(width, height), target = new byte[newWidth * newHeight * 3];

        fixed (byte* s = source, t = target)
            ResampleKernel.Run(s, width, height, t, newWidth, newHeight);

        ulong actual = 0xCBF29CE484222325;
        foreach (byte b in target)
            actual = (actual ^ b) * 0x100000001B3;
        Assert.Equal(hash, actual);
    }

    [Fact]
    public void Small_pictures_are_those_of_Pillow_byte_by_byte()
    {
        byte[] larger = new byte[8 * 5 * 3], smaller = new byte[3 * 2 * 3];
        fixed (byte* a = Pattern(3, 2), b = Pattern(7, 5), l = larger, s = smaller)
        {
            ResampleKernel.Run(a, 3, 2, l, 8, 5);
            ResampleKernel.Run(b, 7, 5, s, 3, 2);
        }

        Assert.Equal(
            [
                0, 20, 54, 6, 29, 66, 45, 83, 135, 83, 137, 205, 97, 167, 221, 86, 172, 184, 76, 177, 147, 74, 178, 141,
                2, 34, 55, 8, 42, 66, 52, 91, 131, 95, 140, 195, 108, 167, 211, 92, 171, 179, 77, 175, 146, 74, 176, 141,
                9, 92, 61, 19, 97, 68, 80, 125, 113, 141, 154, 157, 154, 168, 172, 118, 167, 158, 83, 166, 144, 77, 166, 142,
                15, 149, 66, 29, 151, 70, 108, 159, 94, 187, 168, 119, 200, 169, 133, 144, 163, 137, 88, 157, 142, 79, 156, 142,
                17, 163, 67, 31, 164, 70, 115, 167, 90, 199, 171, 109, 211, 169, 123, 150, 162, 132, 89, 155, 141, 79, 154, 142,
            ],
            larger);
        Assert.Equal(
            [111, 98, 154, 99, 140, 132, 122, 186, 145, 126, 124, 125, 150, 173, 125, 142, 131, 107], smaller);
    }

    /// <summary>Keys's cubic written plainly, whole pictures and a part out of the middle.</summary>
    [Theory]
    [InlineData(1, 1, 64, 64)]
    [InlineData(5, 7, 11, 3)]
    [InlineData(37, 29, 64, 50)]
    [InlineData(200, 150, 64, 48)]
    public void The_bicubic_filter_is_that_of_its_definition(int width, int height, int newWidth, int newHeight)
    {
        byte[] source = new byte[width * height * 3], target = new byte[newWidth * newHeight * 3];
        new Random(width).NextBytes(source);
        byte[] expected = Transpose(Cubic(source, width, height, newWidth), newWidth, height);
        expected = Transpose(Cubic(expected, height, newWidth, newHeight), newHeight, newWidth);
        int x = newWidth / 3, y = newHeight / 4, partWidth = newWidth - x, partHeight = newHeight - y;
        byte[] part = new byte[partWidth * partHeight * 3];
        fixed (byte* s = source, t = target, p = part)
        {
            ResampleKernel.Run(
                s, width, t, newWidth, newHeight, ResampleTaps.Between(width, newWidth, ResampleFilter.Bicubic, 0, newWidth),
                ResampleTaps.Between(height, newHeight, ResampleFilter.Bicubic, 0, newHeight));
            ResampleKernel.Run(
                s, width, p, partWidth, partHeight, ResampleTaps.Between(width, newWidth, ResampleFilter.Bicubic, x, partWidth),
                ResampleTaps.Between(height, newHeight, ResampleFilter.Bicubic, y, partHeight));
        }

        Assert.Equal(expected, target);
        for (int i = 0; i < part.Length; i++)
            Assert.Equal(expected[((i / 3 / partWidth + y) * newWidth + i / 3 % partWidth + x) * 3 + i % 3], part[i]);
    }

    [Fact]
    public void Number_of_threads_does_not_matter()
    {
        byte[] source = new byte[301 * 203 * 3], one = new byte[128 * 86 * 3], two = new byte[one.Length];
        new Random(1).NextBytes(source);
        fixed (byte* s = source, a = one, b = two)
        {
            using (Workers.Limit(1))
                ResampleKernel.Run(s, 301, 203, a, 128, 86);
            using (Workers.Limit(4))
                ResampleKernel.Run(s, 301, 203, b, 128, 86);
        }

        Assert.Equal(one, two);
    }

    /// <summary>Bytes of which neighbours differ, the same in any language.</summary>
    private static byte[] Pattern(int width, int height)
    {
        byte[] bytes = new byte[width * height * 3];
        for (long i = 0; i < bytes.Length; i++)
            bytes[i] = (byte)(i * i * 7 + i * 13 + (i >> 3) * 101);
        return bytes;
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

    /// <summary>One pass of the cubic along the rows.</summary>
    private static byte[] Cubic(byte[] source, int width, int height, int newWidth)
    {
        byte[] target = new byte[newWidth * height * 3];
        double scale = (double)width / newWidth, stretch = Math.Max(1, scale);
        for (int x = 0; x < newWidth; x++)
        {
            double centre = (x + 0.5) * scale;
            int first = Math.Max(0, (int)(centre - 2 * stretch + 0.5)), end = Math.Min(width, (int)(centre + 2 * stretch + 0.5));
            double[] weights = [.. Enumerable.Range(first, end - first).Select(i => Keys(Math.Abs((i - centre + 0.5) * (1 / stretch))))];
            double total = 0;
            foreach (double weight in weights)
                total += weight;
            for (int i = 0; i < height * 3; i++)
            {
                int row = i / 3 * width, sum = 1 << 21;
                for (int k = 0; k < weights.Length; k++)
                {
                    double weight = weights[k] / total * (1 << 22);
                    sum += (int)(weight < 0 ? weight - 0.5 : weight + 0.5) * source[(row + first + k) * 3 + i % 3];
                }

                target[(i / 3 * newWidth + x) * 3 + i % 3] = (byte)Math.Clamp(sum >> 22, 0, 255);
            }
        }

        return target;

        static double Keys(double d) => d < 1 ? (1.5 * d - 2.5) * d * d + 1 : d < 2 ? (((d - 5) * d + 8) * d - 4) * -0.5 : 0;
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
