using System.Runtime.CompilerServices;
using PocketSam.Kernels.Products;
using PocketSam.Kernels.Vectors;

namespace PocketSam.Kernels.Decoder;

/// <summary>
/// Image rows as the columns of panels, <c>[panels, channels, two vectors]</c>, the last one padded with zeros: the
/// layout of the fused decoder.
/// </summary>
internal static unsafe class PackedImage
{
    /// <summary>Number of panels for <paramref name="rows"/> image rows.</summary>
    public static int Panels(int rows) => (rows + PackedOperand.PanelWidth - 1) / PackedOperand.PanelWidth;

    /// <summary>Number of floats in these panels.</summary>
    public static nint Size(int rows, int channels) => (nint)Panels(rows) * PackedOperand.PanelWidth * channels;

    /// <summary>
    /// Copies <c>[rows, channels]</c> into panels and adds
    /// <paramref name="bias"/> <c>[channels]</c>, which may be null.
    /// </summary>
    public static void Pack(float* source, int rows, int channels, float* bias, float* target)
        => Pack(source, channels, rows, channels, bias, target);

    /// <summary>
    /// Copies the first <paramref name="channels"/> channels of rows that are <paramref name="stride"/> floats apart.
    /// </summary>
    public static void Pack(float* source, nint stride, int rows, int channels, float* bias, float* target)
        => Workers.For(Panels(rows), panel => Simd.Run(new Packing
        {
            Source = source + panel * PackedOperand.PanelWidth * stride,
            Stride = stride,
            Target = target + (nint)panel * PackedOperand.PanelWidth * channels,
            Bias = bias,
            Rows = Math.Min(PackedOperand.PanelWidth, rows - panel * PackedOperand.PanelWidth),
            Channels = channels,
        }));

    /// <summary>
    /// target = W (x + y) + bias in every panel, with W <c>[outputs, channels]</c>; <paramref name="y"/> may be null.
    /// </summary>
    public static void Project(
        float* x, float* y, int rows, int channels, float* weights, float* bias, int outputs, float* target)
        => Workers.For(Panels(rows), panel => Simd.Run(new Projection
        {
            X = x + (nint)panel * PackedOperand.PanelWidth * channels,
            Y = y is null ? null : y + (nint)panel * PackedOperand.PanelWidth * channels,
            Target = target + (nint)panel * PackedOperand.PanelWidth * outputs,
            Weights = weights,
            Bias = bias,
            Channels = channels,
            Outputs = outputs,
        }));

    private struct Packing : ISimdKernel
    {
        public float* Source, Target, Bias;
        public nint Stride;
        public int Rows, Channels;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run<S, V>() where S : struct, ISimd<V> where V : struct
        {
            PackedMatrix.PackPanel(Target, Source, 1, Stride, Channels, Rows);
            if (Bias is null)
                return;
            float* target = Target;
            for (int channel = 0; channel < Channels; channel++)
            {
                V bias = S.Set(Bias[channel]);
                S.Store(target, S.Add(S.Load(target), bias));
                S.Store(target + S.Width, S.Add(S.Load(target + S.Width), bias));
                target += 2 * S.Width;
            }
        }
    }

    private struct Projection : ISimdKernel
    {
        public float* X, Y, Target, Weights, Bias;
        public int Channels, Outputs;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run<S, V>() where S : struct, ISimd<V> where V : struct
        {
            float* x = X;
            if (Y is not null)
            {
                x = Scratch.Get(Scratch.Slot.Tile, (nint)Channels * 2 * S.Width);
                PanelLoops.Add<S, V>(X, Y, x, Channels);
            }

            new PanelProduct(Weights, Channels, x, Target, Outputs, Channels) { Bias = Bias }.Run<S, V>();
        }
    }
}
