using System.Runtime.CompilerServices;

namespace PocketSam.Kernels;

/// <summary>
/// The right operand of a matrix product, <c>[K, N]</c>, laid out for <see cref="Gemm"/>: panels of
/// <see cref="PanelWidth"/> columns, each panel <c>[K, PanelWidth]</c>, the last one filled up with zeros.
/// </summary>
internal sealed unsafe class PackedMatrix
{
    private readonly float[] _memory;
    private readonly float* _data;

    public PackedMatrix(int k, int n)
    {
        K = k;
        N = n;
        Panels = (n + PanelWidth - 1) / PanelWidth;
        _memory = GC.AllocateUninitializedArray<float>(checked(Panels * k * PanelWidth + 16), pinned: true);
        _data = Scratch.AlignUp((float*)Unsafe.AsPointer(ref _memory[0]));
    }

    /// <summary>Two vectors.</summary>
    public static int PanelWidth => 2 * Simd.Width;

    public int K { get; }

    public int N { get; }

    public int Panels { get; }

    /// <summary>Packs element <c>[k, n]</c> from <c>source[k * kStride + n * nStride]</c>.</summary>
    public static PackedMatrix From(float* source, nint kStride, nint nStride, int k, int n)
    {
        var packed = new PackedMatrix(k, n);
        packed.Fill(source, kStride, nStride);
        return packed;
    }

    /// <summary>Packs again into the same memory, after the weights changed.</summary>
    public void Fill(float* source, nint kStride, nint nStride)
    {
        for (int panel = 0; panel < Panels; panel++)
        {
            int column = panel * PanelWidth;
            PackPanel(Panel(panel), source + column * nStride, kStride, nStride, K, Math.Min(PanelWidth, N - column));
        }
    }

    public float* Panel(int index) => _data + (nint)index * K * PanelWidth;

    /// <summary>Packs <paramref name="columns"/> columns of <paramref name="k"/> rows into one panel.</summary>
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

        for (int j = 0; j < columns; j++)
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

    /// <summary>Rows of exactly two vectors.</summary>
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
