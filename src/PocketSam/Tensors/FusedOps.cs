using PocketSam.Kernels.Fused;
using PocketSam.Kernels.Ops;

namespace PocketSam.Tensors;

/// <summary>
/// Several operations in one pass over the picture, each as one op without gradient: for tapes where
/// <see cref="Tape.Fuses"/>. Elsewhere the blocks compose single ops.
/// </summary>
internal static unsafe class FusedOps
{
    /// <summary>
    /// second(GELU(first(x))), both 3x3 convolutions of stride 2. <c>[B, H, W, in]</c> to <c>[B, H/4, W/4, out]</c>.
    /// </summary>
    public static Tensor Stem(Tensor x, BiasedWeight first, BiasedWeight second)
    {
        var kernel = new StemKernel
        {
            Patches = new Im2ColKernel
            {
                Batch = x.Shape[0], Height = x.Shape[1], Width = x.Shape[2], Channels = x.Channels,
                Kernel = 3, Stride = 2, Padding = 1,
            },
            X = x.Data,
            First = first.Packed, FirstBias = first.Bias.Value.Data,
            Second = second.Packed, SecondBias = second.Bias.Value.Data,
        };
        long pixels = (long)x.Shape[0] * kernel.OutHeight * kernel.OutWidth;
        return Tape.Run(
            new FusedOp(
                "Stem", (long)kernel.Patches.Rows * first.Weight.Count + pixels * second.Weight.Count, y =>
                {
                    kernel.Y = y.Data;
                    kernel.Run();
                }),
            [x.Shape[0], kernel.OutHeight, kernel.OutWidth, kernel.Second.N], x, first.Weight, first.Bias, second.Weight,
            second.Bias);
    }

    /// <summary>
    /// GELU(expand), GELU(depthwise), project: 1x1, 3x3 and 1x1 convolutions with their biases; then, if
    /// <paramref name="residual"/>, + x and GELU. <c>[B, H, W, in]</c> to <c>[B, H / stride, W / stride, out]</c>.
    /// </summary>
    public static Tensor MbConv(
        Tensor x, BiasedWeight expand, BiasedWeight depthwise, BiasedWeight project, int stride, bool residual)
    {
        var kernel = new MbConvKernel
        {
            Batch = x.Shape[0], Height = x.Shape[1], Width = x.Shape[2], Stride = stride,
            X = x.Data,
            Expand = expand.Packed, ExpandBias = expand.Bias.Value.Data,
            Depthwise = depthwise.Weight.Value.Data, DepthwiseBias = depthwise.Bias.Value.Data,
            Project = project.Packed, ProjectBias = project.Bias.Value.Data,
            Residual = residual,
        };
        long pixels = (long)x.Shape[0] * kernel.OutHeight * kernel.OutWidth;
        return Tape.Run(
            new FusedOp(
                "MbConv", x.Rows * expand.Weight.Count + pixels * (depthwise.Weight.Count + project.Weight.Count), y =>
                {
                    kernel.Y = y.Data;
                    kernel.Run();
                }),
            [x.Shape[0], kernel.OutHeight, kernel.OutWidth, kernel.Project.N], x, expand.Weight, expand.Bias,
            depthwise.Weight, depthwise.Bias, project.Weight, project.Bias);
    }

    /// <summary>
    /// x + projection(attention(norm(x))) in windows of <paramref name="window"/> by <paramref name="window"/> tokens.
    /// </summary>
    /// <param name="x"><c>[B, H, W, C]</c></param>
    /// <param name="norm">Gain and bias of the norm, <c>[C]</c> each.</param>
    /// <param name="epsilon">Epsilon of the norm.</param>
    /// <param name="qkv">Projection to query, key and value of each head side by side.</param>
    /// <param name="bias"><c>[heads, window^2, BiasRowOf(window^2)]</c>, see
    /// <see cref="WindowAttentionKernel.Bias"/>.</param>
    /// <param name="projection">The output projection.</param>
    /// <param name="heads">Number of heads; divides C.</param>
    /// <param name="window">Side of the windows, in tokens.</param>
    public static Tensor WindowAttention(
        Tensor x, BiasedWeight norm, float epsilon, BiasedWeight qkv, Tensor bias, BiasedWeight projection, int heads,
        int window)
    {
        var kernel = new WindowAttentionKernel
        {
            Batch = x.Shape[0], Height = x.Shape[1], Width = x.Shape[2], Channels = x.Channels, Heads = heads, Window = window,
            X = x.Data,
            NormGain = norm.Weight.Value.Data, NormBias = norm.Bias.Value.Data, NormEpsilon = epsilon,
            Qkv = qkv.Packed, QkvBias = qkv.Bias.Value.Data,
            Bias = bias.Data,
            Projection = projection.Packed, ProjectionBias = projection.Bias.Value.Data,
        };

        // Windows that cross the edge are padded before the projection to query, key and value.
        long across = (x.Shape[2] + window - 1) / window, down = (x.Shape[1] + window - 1) / window, area = window * window;
        long padded = x.Shape[0] * across * down * area;
        return Tape.Run(
            new FusedOp(
                "WindowAttentionBlock",
                padded * (qkv.Weight.Count + 2 * area * x.Channels) + x.Rows * projection.Weight.Count, y =>
                {
                    kernel.Y = y.Data;
                    kernel.Run();
                }),
            x.Shape, x, norm.Weight, norm.Bias, qkv.Weight, qkv.Bias, bias, projection.Weight, projection.Bias);
    }

    /// <summary>z = depthwise(x); z + down(GELU(up(norm(z)))). <c>[B, H, W, C]</c></summary>
    public static Tensor LocalMlp(
        Tensor x, BiasedWeight depthwise, BiasedWeight norm, float epsilon, BiasedWeight up, BiasedWeight down)
    {
        var kernel = new LocalMlpKernel
        {
            Batch = x.Shape[0], Height = x.Shape[1], Width = x.Shape[2], Channels = x.Channels,
            X = x.Data,
            Depthwise = depthwise.Weight.Value.Data, DepthwiseBias = depthwise.Bias.Value.Data,
            NormGain = norm.Weight.Value.Data, NormBias = norm.Bias.Value.Data, NormEpsilon = epsilon,
            Up = up.Packed, UpBias = up.Bias.Value.Data,
            Down = down.Packed, DownBias = down.Bias.Value.Data,
        };
        return Tape.Run(
            new FusedOp(
                "LocalMlp", x.Rows * (depthwise.Weight.Count + up.Weight.Count + down.Weight.Count), y =>
                {
                    kernel.Y = y.Data;
                    kernel.Run();
                }),
            x.Shape, x, depthwise.Weight, depthwise.Bias, norm.Weight, norm.Bias, up.Weight, up.Bias, down.Weight, down.Bias);
    }
}
