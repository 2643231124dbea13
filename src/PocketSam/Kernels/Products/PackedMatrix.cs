using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using System.Runtime.Intrinsics;
using PocketSam.Kernels.Vectors;

namespace PocketSam.Kernels.Products;

/// <summary>
/// A packed operand of floats: panels of <see cref="PackedOperand.PanelWidth"/> columns, each <c>[K, PanelWidth]</c>,
/// the last one padded with zeros.
/// </summary>
internal sealed unsafe class PackedMatrix : PackedOperand
{
    private readonly float[] _memory;
    private readonly float* _data;

    public PackedMatrix(int k, int n)
        : base(k, n)
    {
        _memory = GC.AllocateUninitializedArray<float>(checked(Panels * k * PanelWidth + 16), pinned: true);
        _data = Scratch.AlignUp((float*)Unsafe.AsPointer(ref _memory[0]));
    }

    public override void Multiply(in Gemm product, int rowStart, int rowEnd, int panelStart, int panelEnd)
        => product.Multiply(this, rowStart, rowEnd, panelStart, panelEnd);

    /// <summary>Packs element <c>[k, n]</c> from <c>source[k * kStride + n * nStride]</c>.</summary>
    public static PackedMatrix From(float* source, nint kStride, nint nStride, int k, int n)
    {
        var packed = new PackedMatrix(k, n);
        packed.Fill(source, kStride, nStride);
        return packed;
    }

    /// <summary>Packs changed weights into the same memory.</summary>
    public void Fill(float* source, nint kStride, nint nStride)
    {
        Workers.ForRange(Panels, Math.Max(1, 16_384 / (K * PanelWidth)), (start, end) =>
        {
            for (int panel = start; panel < end; panel++)
            {
                int column = panel * PanelWidth;
                PackPanel(Panel(panel), source + column * nStride, kStride, nStride, K, Math.Min(PanelWidth, N - column));
            }
        });
    }

    /// <summary>Unpacks the matrix as <c>[N, K]</c>, row-major.</summary>
    public void CopyTransposedTo(float* target)
    {
        for (int n = 0; n < N; n++)
        {
            float* column = Panel(n / PanelWidth) + n % PanelWidth;
            for (int k = 0; k < K; k++)
                *target++ = column[(nint)k * PanelWidth];
        }
    }

    public float* Panel(int index) => _data + (nint)index * K * PanelWidth;

    /// <summary>
    /// Packs <paramref name="columns"/> columns of <paramref name="k"/> rows into one panel, padded with zeros.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void PackPanel(float* panel, float* source, nint kStride, nint nStride, int k, int columns)
    {
        int width = PanelWidth;
        if (columns < width)
            new Span<float>(panel, k * width).Clear();
        if (nStride == 1)
        {
            if (columns == width)
            {
                Simd.Run(new CopyRows { Panel = panel, Source = source, Stride = kStride, Count = k });
                return;
            }

            for (int i = 0; i < k; i++)
            {
                Unsafe.CopyBlockUnaligned(
                    panel + (nint)i * width, source + i * kStride, (uint)columns * sizeof(float));
            }

            return;
        }

        int first = 0;
        if (kStride == 1 && Sse.IsSupported)
        {
            for (; first + 4 <= columns; first += 4)
                TransposeFour(panel + first, source + first * nStride, nStride, k, width);
        }

        for (int j = first; j < columns; j++)
        {
            float* from = source + j * nStride;
            float* to = panel + j;
            for (int i = 0; i < k; i++)
            {
                *to = *from;
                to += width;
                from += kStride;
            }
        }
    }

    /// <summary>Transposes four source rows into four columns of the panel, in blocks of 4x4.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void TransposeFour(float* panel, float* source, nint stride, int k, int width)
    {
        float* s0 = source, s1 = source + stride, s2 = source + 2 * stride, s3 = source + 3 * stride;
        int i = 0;
        for (; i + 4 <= k; i += 4)
        {
            Vector128<float> a = Vector128.Load(s0 + i), b = Vector128.Load(s1 + i);
            Vector128<float> c = Vector128.Load(s2 + i), d = Vector128.Load(s3 + i);
            Vector128<float> abLow = Sse.UnpackLow(a, b), cdLow = Sse.UnpackLow(c, d);
            Vector128<float> abHigh = Sse.UnpackHigh(a, b), cdHigh = Sse.UnpackHigh(c, d);
            float* to = panel + (nint)i * width;
            Sse.MoveLowToHigh(abLow, cdLow).Store(to);
            Sse.MoveHighToLow(cdLow, abLow).Store(to + width);
            Sse.MoveLowToHigh(abHigh, cdHigh).Store(to + 2 * width);
            Sse.MoveHighToLow(cdHigh, abHigh).Store(to + 3 * width);
        }

        for (; i < k; i++)
        {
            float* to = panel + (nint)i * width;
            to[0] = s0[i];
            to[1] = s1[i];
            to[2] = s2[i];
            to[3] = s3[i];
        }
    }

    /// <summary>Copies rows of exactly two vectors.</summary>
    private struct CopyRows : ISimdKernel
    {
        public float* Panel, Source;
        public nint Stride;
        public int Count;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run<S, V>() where S : struct, ISimd<V> where V : struct
        {
            float* source = Source, panel = Panel;
            for (int i = 0; i < Count; i++)
            {
                V first = S.Load(source), second = S.Load(source + S.Width);
                S.Store(panel, first);
                S.Store(panel + S.Width, second);
                source += Stride;
                panel += 2 * S.Width;
            }
        }
    }
}
