using PocketSam.Kernels.Ops;

namespace PocketSam.Tests.Kernels;

[Trait("Category", "Simd")]
public sealed unsafe class DepthwiseKernelTests
{
    /// <summary>The approximation of Phi, times values up to about 100.</summary>
    private const double GeluTolerance = 2e-5;

    private static readonly (int Height, int Width)[] Sizes =
        [(1, 1), (1, 2), (2, 1), (1, 7), (2, 2), (3, 3), (4, 5), (5, 4), (8, 8)];

    public static TheoryData<int, int, int, int, int> Shapes
    {
        get
        {
            // batch, height, width, channels, stride
            var shapes = new TheoryData<int, int, int, int, int>();
            foreach (int stride in new[] { 1, 2 })
            {
                foreach ((int height, int width) in Sizes)
                {
                    foreach (int channels in new[] { 1, 3, 4, 7, 15, 16, 17, 33, 64 })
                        shapes.Add(2, height, width, channels, stride);
                }

                for (int channels = 1; channels <= 70; channels++)
                    shapes.Add(1, 3, 4, channels, stride);
                shapes.Add(2, 40, 33, 32, stride); // several parts
            }

            return shapes;
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Forward_gives_the_convolution(int batch, int height, int width, int channels, int stride)
    {
        float[] picture = Samples.Integers(batch * height * width * channels, 1);
        float[] weights = Samples.Integers(9 * channels, 2), shift = Samples.Integers(channels, 3);
        Guarded x = Guarded.From(picture), w = Guarded.From(weights), bias = Guarded.From(shift);
        DepthwiseKernel kernel = Kernel(batch, height, width, channels, stride, x, w);
        Assert.Equal((height + stride - 1) / stride, kernel.OutHeight);
        Assert.Equal((width + stride - 1) / stride, kernel.OutWidth);

        double[] plain = new double[batch * kernel.OutHeight * kernel.OutWidth * channels];
        Visit(kernel, (output, tap, input) => plain[output] += (double)picture[input] * weights[tap]);
        var y = new Guarded(plain.Length);
        kernel.Forward(y.Data);
        y.AssertEquals(plain, 0, "plain");

        kernel.Forward(y.Data, accumulate: true);
        y.AssertEquals([.. plain.Select(v => 2 * v)], 0, "added");

        double[] shifted = [.. plain.Select((v, i) => v + shift[i % channels])];
        y = new Guarded(plain.Length);
        kernel.Forward(y.Data, bias.Data);
        y.AssertEquals(shifted, 0, "bias");

        y = new Guarded(plain.Length);
        kernel.Forward(y.Data, bias.Data, gelu: true);
        y.AssertEquals([.. shifted.Select(Reference.Gelu)], GeluTolerance, "bias and GELU");
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Backward_gives_both_gradients(int batch, int height, int width, int channels, int stride)
    {
        float[] picture = Samples.Integers(batch * height * width * channels, 4);
        float[] weights = Samples.Integers(9 * channels, 5);
        Guarded x = Guarded.From(picture), w = Guarded.From(weights);
        DepthwiseKernel kernel = Kernel(batch, height, width, channels, stride, x, w);
        float[] gradient = Samples.Integers(batch * kernel.OutHeight * kernel.OutWidth * channels, 6);
        float[] before = Samples.Integers(weights.Length, 7);

        double[] expectedX = new double[picture.Length], expectedW = Reference.ToDouble(before);
        Visit(kernel, (output, tap, input) =>
        {
            expectedX[input] += (double)gradient[output] * weights[tap];
            expectedW[tap] += (double)gradient[output] * picture[input];
        });

        Guarded dy = Guarded.From(gradient), dx = new(picture.Length), dw = Guarded.From(before);
        kernel.Backward(dy.Data, dx.Data, accumulate: false, dw.Data);
        dx.AssertEquals(expectedX, 0, "input");
        dw.AssertEquals(expectedW, 0, "weights");
        kernel.Backward(dy.Data, dx.Data, accumulate: true, null);
        dx.AssertEquals([.. expectedX.Select(v => 2 * v)], 0, "input, added");
        dw = Guarded.From(before);
        kernel.Backward(dy.Data, null, accumulate: false, dw.Data);
        dw.AssertEquals(expectedW, 0, "weights alone");
    }

    private static DepthwiseKernel Kernel(
        int batch, int height, int width, int channels, int stride, Guarded x, Guarded w) => new()
        {
            Batch = batch,
            Height = height,
            Width = width,
            Channels = channels,
            Stride = stride,
            X = x.Data,
            Weights = w.Data,
        };

    /// <summary>Every product of the convolution: the elements of output, weights and input that meet.</summary>
    private static void Visit(DepthwiseKernel k, Action<int, int, int> visit)
        => Reference.Taps(k.Batch, k.Height, k.Width, 3, k.Stride, 1, k.OutHeight, k.OutWidth, (output, tap, input) =>
        {
            for (int c = 0; c < k.Channels && input >= 0; c++)
                visit(output * k.Channels + c, tap * k.Channels + c, input * k.Channels + c);
        });
}
