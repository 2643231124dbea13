using PocketSam.Kernels.Image;
using PocketSam.Kernels.Ops;
using PocketSam.Kernels.Products;
using PocketSam.Kernels.Vectors;

namespace PocketSam.Tests.Kernels;

/// <summary>Kernels over maps whose channels lie between others, against loops over single values.</summary>
[Trait("Category", "Simd")]
public sealed unsafe class FeatureMapKernelTests
{
    private const double SiluTolerance = 1e-3, BilinearTolerance = 1e-5;

    /// <summary>Height, width, channels in and out, stride.</summary>
    public static TheoryData<int, int, int, int, int> Convolutions
    {
        get
        {
            var shapes = new TheoryData<int, int, int, int, int>();
            foreach (int stride in new[] { 1, 2 })
            {
                foreach ((int height, int width) in new[] { (1, 1), (2, 3), (5, 12), (7, 13), (9, 31), (16, 32) })
                {
                    shapes.Add(height, width, 1, 1, stride);
                    shapes.Add(height, width, 4, 17, stride);
                    shapes.Add(height, width, 16, 32, stride);
                }

                shapes.Add(6, 29, 96, 40, stride); // several blocks of k
                shapes.Add(70, 60, 8, 70, stride); // several bands and panels
            }

            return shapes;
        }
    }

    [Theory]
    [MemberData(nameof(Convolutions))]
    public void Convolutions_in_bands_and_in_tiles_give_sums_over_taps(int height, int width, int channels, int outChannels, int stride)
    {
        int outHeight = (height + stride - 1) / stride, outWidth = (width + stride - 1) / stride, pixels = outHeight * outWidth;
        float[] picture = Samples.Integers(height * width * channels, 1), bias = Samples.Integers(outChannels, 2);
        float[] weights = Samples.Integers(outChannels * 9 * channels, 3), residual = Samples.Integers(pixels * outChannels, 4);
        double[] sums = new double[pixels * outChannels];
        Reference.Taps(1, height, width, 3, stride, 1, outHeight, outWidth, (output, tap, input) =>
        {
            for (int o = 0; o < outChannels && input >= 0; o++)
                for (int c = 0; c < channels; c++)
                    sums[output * outChannels + o] += picture[input * channels + c] * weights[(o * 9 + tap) * channels + c];
        });

        int inStride = channels + 3, outStride = outChannels + 5, restStride = outChannels + 2;
        Guarded x = Guarded.Rows(picture, channels, inStride), w = Guarded.From(weights), shift = Guarded.From(bias);
        Guarded rest = Guarded.Rows(residual, outChannels, restStride);
        foreach (Activation activation in new[] { Activation.None, Activation.Silu })
        {
            foreach (bool added in new[] { false, true })
            {
                Guarded y = new(pixels * outStride);
                var picked = new FeatureMap((nint)x.Data, height, width, channels, inStride);
                var target = new FeatureMap((nint)y.Data, outHeight, outWidth, outChannels, outStride);
                double[] expected = [.. sums.Select((sum, i) =>
                {
                    double value = sum + bias[i % outChannels];
                    return (activation == Activation.Silu ? Reference.Silu(value) : value) + (added ? residual[i] : 0);
                })];
                new BandConvolutionKernel
                {
                    X = picked,
                    Stride = stride,
                    Weights = PackedMatrix.From(w.Data, 1, 9 * channels, 9 * channels, outChannels),
                    Bias = shift.Data,
                    Activation = activation,
                    Residual = added ? rest.Data : null,
                    ResidualStride = restStride,
                    Y = target,
                }.Run();
                double tolerance = activation == Activation.Silu ? SiluTolerance : 0;
                y.AssertRows(expected, outChannels, outStride, tolerance, $"bands, {activation}, added {added}");
                if (stride > 1)
                    continue;

                // Quarters of small whole numbers are exact, so these sums are too.
                y = new Guarded(pixels * outStride);
                new WinogradKernel
                {
                    X = picked,
                    Weights = WinogradWeights.From(w.Data, channels, outChannels),
                    Bias = shift.Data,
                    Activation = activation,
                    Residual = added ? rest.Data : null,
                    ResidualStride = restStride,
                    Y = target with { Address = (nint)y.Data },
                }.Run();
                y.AssertRows(expected, outChannels, outStride, tolerance, $"tiles, {activation}, added {added}");
            }
        }
    }

    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(2, 3, 5)]
    [InlineData(5, 4, 16)]
    [InlineData(9, 12, 35)]
    [InlineData(33, 40, 64)]
    public void The_largest_of_each_neighbourhood_is_found(int height, int width, int channels)
    {
        float[] picture = Samples.Uniform(height * width * channels, 5);
        double[] expected = new double[picture.Length];
        for (int y = 0; y < height; y++)
            for (int x = 0; x < width; x++)
                for (int c = 0; c < channels; c++)
                {
                    double largest = double.NegativeInfinity;
                    for (int ny = Math.Max(0, y - 2); ny <= Math.Min(height - 1, y + 2); ny++)
                        for (int nx = Math.Max(0, x - 2); nx <= Math.Min(width - 1, x + 2); nx++)
                            largest = Math.Max(largest, picture[(ny * width + nx) * channels + c]);
                    expected[(y * width + x) * channels + c] = largest;
                }

        int inStride = channels + 1, outStride = channels + 7;
        Guarded source = Guarded.Rows(picture, channels, inStride), target = new(height * width * outStride);
        new MaxPoolKernel
        {
            X = new FeatureMap((nint)source.Data, height, width, channels, inStride),
            Y = new FeatureMap((nint)target.Data, height, width, channels, outStride),
        }.Run();
        target.AssertRows(expected, channels, outStride, 0, "largest");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(16)]
    [InlineData(32)]
    [InlineData(37)]
    public void Prototypes_are_summed_with_coefficients(int channels)
    {
        const int Height = 7, Width = 9, Left = 2, Right = 8, Top = 1, Bottom = 6;
        float[] prototypes = Samples.Integers(Height * Width * channels, 6), coefficients = Samples.Integers(channels, 7);
        Guarded map = Guarded.From(prototypes), factors = Guarded.From(coefficients), target = new((Right - Left) * (Bottom - Top));
        Simd.Run(new PrototypeKernel
        {
            Prototypes = new FeatureMap(map.Data, Height, Width, channels), Coefficients = factors.Data,
            Left = Left, Top = Top, Right = Right, Bottom = Bottom, Target = target.Data,
        });
        target.AssertEquals(
            [
                .. from y in Enumerable.Range(Top, Bottom - Top)
                   from x in Enumerable.Range(Left, Right - Left)
                   select Enumerable.Range(0, channels).Sum(c => (double)prototypes[(y * Width + x) * channels + c] * coefficients[c]),
            ], 0, "sums");
    }

    [Theory]
    [InlineData(5, 4, 13, 130)]
    [InlineData(8, 9, 3, 2)]
    [InlineData(1, 1, 5, 6)]
    [InlineData(6, 7, 6, 7)]
    public void Bilinear_parts_are_those_of_the_whole(int height, int width, int outHeight, int outWidth)
    {
        float[] low = Samples.Uniform(height * width, 8);
        var columns = new BilinearTaps(width, outWidth);
        var rows = new BilinearTaps(height, outHeight);
        double[] whole = new double[outHeight * outWidth];
        for (int y = 0; y < outHeight; y++)
            for (int x = 0; x < outWidth; x++)
                whole[y * outWidth + x] = Bilinear(low, height, width, (y + 0.5) * height / outHeight - 0.5, (x + 0.5) * width / outWidth - 0.5);

        (int left, int right, int top, int bottom) = (outWidth / 3, outWidth, outHeight / 4, outHeight - outHeight / 5);
        Guarded map = Guarded.From(low), part = new((right - left) * (bottom - top));
        var view = new BilinearKernel.Part((nint)map.Data, 0, 0, width);
        BilinearKernel.Resize(view, columns, rows, left, right, top, bottom, part.Data);
        part.AssertEquals(
            [.. Enumerable.Range(top, bottom - top).SelectMany(y => whole.Skip(y * outWidth + left).Take(right - left))], BilinearTolerance, "part");

        const float Threshold = 0.125f, Margin = 0.25f;
        var bits = new BinaryMask(right - left, bottom - top);
        (long sure, long possible) counts;
        fixed (ulong* words = bits.Words)
            counts = BilinearKernel.Threshold(view, columns, rows, left, right, top, bottom, words, Threshold, Margin);
        float[] values = part.Span.ToArray();
        for (int i = 0; i < values.Length; i++)
            Assert.Equal(values[i] > Threshold, bits[i % bits.Width, i / bits.Width]);
        Assert.Equal(values.Count(v => v - Threshold > Margin), counts.sure);
        Assert.Equal(values.Count(v => v - Threshold > -Margin), counts.possible);
    }

    private static double Bilinear(float[] map, int height, int width, double y, double x)
    {
        (y, x) = (Math.Max(0, y), Math.Max(0, x));
        int y0 = Math.Min((int)y, height - 1), x0 = Math.Min((int)x, width - 1), y1 = Math.Min(y0 + 1, height - 1), x1 = Math.Min(x0 + 1, width - 1);
        double fy = y - y0, fx = x - x0;
        return (1 - fy) * ((1 - fx) * map[y0 * width + x0] + fx * map[y0 * width + x1])
            + fy * ((1 - fx) * map[y1 * width + x0] + fx * map[y1 * width + x1]);
    }
}
