using System.Runtime.CompilerServices;
using PocketSam.Kernels.Vectors;

namespace PocketSam.Kernels.Products;

/// <summary>
/// C[m, n] = activation(sum over k of A[m, k] B[k, n] + bias[n] + residual[m, n]), or C += A B. The residual may be
/// added after the activation instead.
/// <para>
/// A is strided (<c>A[m, k] = Left[m * LeftRowStride + k * LeftStep]</c>, so a transposed matrix needs no copy) or
/// gathered: with <see cref="RowIndex"/> <c>[Segments, M]</c>, segment s of row m (K / Segments values) starts at row
/// <c>RowIndex[s, m]</c> of Left, or is zero where the index is negative. The taps of a convolution are read this way.
/// B is packed in advance, or strided and packed panel by panel during the product.
/// </para>
/// <para>The order of each sum depends on K alone: any number of threads gives the same bits.</para>
/// </summary>
internal unsafe struct Gemm
{
    /// <summary>Values of k per pass over a panel: 32 KiB of the panel stay in the first-level cache.</summary>
    private const int BlockK = 256;

    /// <summary>Rows of C per part: their rows of A stay in the second-level cache.</summary>
    private const int BlockM = 96;

    /// <summary>Multiply-adds below which a product runs on the calling thread.</summary>
    private const long ThreadGrain = 250_000;

    public int M, N, K;

    public float* Left;
    public nint LeftRowStride;
    public nint LeftStep;
    public int* RowIndex;
    public int Segments;

    /// <summary>The packed right operand; if null, <see cref="Right"/> with its strides is used.</summary>
    public PackedOperand? Packed;
    public float* Right;
    public nint RightKStride, RightNStride;

    public float* C;
    public nint Ldc;
    public bool Accumulate;

    public float* Bias;
    public Activation Activation;
    public float* Residual;
    public nint ResidualStride;

    /// <summary>Whether the residual is added after the activation.</summary>
    public bool AddsResidualLast;

    /// <summary>A product of row-major A and packed B.</summary>
    public Gemm(float* a, nint lda, PackedOperand b, float* c, nint ldc, int m)
    {
        (M, N, K) = (m, b.N, b.K);
        Left = a;
        LeftRowStride = lda;
        LeftStep = 1;
        Packed = b;
        C = c;
        Ldc = ldc;
        Segments = 1;
    }

    /// <summary>A product of strided operands.</summary>
    public Gemm(
        float* a, nint aRowStride, nint aStep, float* b, nint bKStride, nint bNStride, float* c, nint ldc, int m, int n, int k)
    {
        (M, N, K) = (m, n, k);
        Left = a;
        LeftRowStride = aRowStride;
        LeftStep = aStep;
        Right = b;
        RightKStride = bKStride;
        RightNStride = bNStride;
        C = c;
        Ldc = ldc;
        Segments = 1;
    }

    /// <summary>Computes the product, on several threads if it is large enough.</summary>
    public readonly void Run()
    {
        if (M <= 0 || N <= 0)
            return;
        int width = PackedOperand.PanelWidth;
        int panels = (N + width - 1) / width;

        // A part is a block of rows times a group of panels. Products of few rows are cut along the columns as well.
        int rowBlock = BlockM;
        int rowBlocks = (M + rowBlock - 1) / rowBlock;
        int columnGroups = 1;
        if ((long)M * N * K < ThreadGrain)
            rowBlock = M;
        else if (rowBlocks < 8)
            columnGroups = Math.Min(panels, (8 + rowBlocks - 1) / rowBlocks);
        if (rowBlock == M)
            rowBlocks = 1;

        if (rowBlocks * columnGroups == 1)
        {
            Compute(0, M, 0, panels);
            return;
        }

        Gemm gemm = this;
        Workers.For(rowBlocks * columnGroups, part =>
        {
            int rows = part / columnGroups, group = part % columnGroups;
            gemm.Compute(
                rows * rowBlock, Math.Min(gemm.M, (rows + 1) * rowBlock), (int)((long)panels * group / columnGroups),
                (int)((long)panels * (group + 1) / columnGroups));
        });
    }

    /// <summary>Computes the product on the calling thread.</summary>
    public readonly void RunHere()
        => Compute(0, M, 0, (N + PackedOperand.PanelWidth - 1) / PackedOperand.PanelWidth);

    /// <summary>Computes a part of the product with packed floats, on the calling thread.</summary>
    public readonly void Multiply(PackedMatrix packed, int rowStart, int rowEnd, int panelStart, int panelEnd)
        => Simd.Run(new Part
        {
            Gemm = this,
            Packed = packed,
            RowStart = rowStart,
            RowEnd = rowEnd,
            PanelStart = panelStart,
            PanelEnd = panelEnd,
        });

    private readonly void Compute(int rowStart, int rowEnd, int panelStart, int panelEnd)
    {
        if (Packed is not null)
        {
            Packed.Multiply(this, rowStart, rowEnd, panelStart, panelEnd);
            return;
        }

        Simd.Run(new Part
        {
            Gemm = this, RowStart = rowStart, RowEnd = rowEnd, PanelStart = panelStart, PanelEnd = panelEnd,
        });
    }

    private struct Part : ISimdKernel
    {
        public Gemm Gemm;

        /// <summary>The right operand, or null if it is strided.</summary>
        public PackedMatrix? Packed;
        public int RowStart, RowEnd, PanelStart, PanelEnd;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run<S, V>() where S : struct, ISimd<V> where V : struct
        {
            int segment = Gemm.K / Gemm.Segments;
            int blocks = Math.Max(1, (segment + BlockK - 1) / BlockK);
            int blockK = (segment + blocks - 1) / blocks;
            if (Packed is not null)
            {
                // Packed weights: a panel is read once for all k, and the rows of A stay in the second-level cache.
                for (int panel = PanelStart; panel < PanelEnd; panel++)
                {
                    for (int k = 0; k < Gemm.K; k = NextBlock(k, blockK, segment))
                        Panel<S, V>(panel, k, NextBlock(k, blockK, segment) - k, Packed.Panel(panel) + (nint)k * 2 * S.Width);
                }

                return;
            }

            float* packed = Scratch.Get(Scratch.Slot.PackedPanel, 2 * S.Width * blockK);

            for (int k = 0; k < Gemm.K; k = NextBlock(k, blockK, segment))
            {
                int count = NextBlock(k, blockK, segment) - k;
                for (int panel = PanelStart; panel < PanelEnd; panel++)
                {
                    int column = panel * 2 * S.Width;
                    PackedMatrix.PackPanel(
                        packed, Gemm.Right + k * Gemm.RightKStride + column * Gemm.RightNStride,
                        Gemm.RightKStride, Gemm.RightNStride, count, Math.Min(2 * S.Width, Gemm.N - column));
                    Panel<S, V>(panel, k, count, packed);
                }
            }
        }

        /// <summary>The block after the one at k; no block crosses the boundary of a segment.</summary>
        private static int NextBlock(int k, int blockK, int segment)
            => Math.Min(k + blockK, (k / segment + 1) * segment);

        /// <summary>Multiplies all rows of this part by one block of one panel.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly void Panel<S, V>(int panel, int k, int count, float* packed)
            where S : struct, ISimd<V> where V : struct
        {
            int column = panel * 2 * S.Width, columns = Math.Min(2 * S.Width, Gemm.N - column);
            bool last = k + count == Gemm.K, accumulate = Gemm.Accumulate || k > 0;
            bool plain = Gemm.Bias is null && Gemm.Residual is null && Gemm.Activation == Activation.None;
            float* tile = stackalloc float[GemmTile.Rows * 32];
            GemmTile.Operands o = default;
            o.B = packed;
            o.K = count;
            o.Step = Gemm.LeftStep;
            float* zero = null;
            int* index = null;
            int segment = Gemm.K / Gemm.Segments;
            if (Gemm.RowIndex is not null)
            {
                index = Gemm.RowIndex + (nint)(k / segment) * Gemm.M;
                zero = Scratch.Get(Scratch.Slot.Rows, count);
                new Span<float>(zero, count).Clear();
            }

            nint offset = (k % segment) * Gemm.LeftStep;
            int start = RowStart;
            if (GemmTile.HasTall && index is null && Gemm.LeftStep == 1 && columns == 2 * S.Width)
            {
                for (; start + GemmTile.TallRows <= RowEnd; start += GemmTile.TallRows)
                {
                    float* c = Gemm.C + start * Gemm.Ldc + column;
                    GemmTile.Tall<S, V>(
                        Gemm.Left + start * Gemm.LeftRowStride + k, Gemm.LeftRowStride, 1, count, packed, c, Gemm.Ldc, accumulate);
                    if (last && !plain)
                        GemmEpilogue.Run<S, V>(Gemm, c, start, column, GemmTile.TallRows, columns);
                }
            }

            for (int row = start; row < RowEnd; row += GemmTile.Rows)
            {
                int rows = Math.Min(GemmTile.Rows, RowEnd - row);
                if (index is null)
                {
                    float* a = Gemm.Left + row * Gemm.LeftRowStride + k * Gemm.LeftStep;
                    nint stride = Gemm.LeftRowStride;
                    o.A0 = a;
                    o.A1 = rows > 1 ? a + stride : a;
                    o.A2 = rows > 2 ? a + 2 * stride : a;
                    o.A3 = rows > 3 ? a + 3 * stride : a;
                    o.A4 = rows > 4 ? a + 4 * stride : a;
                    o.A5 = rows > 5 ? a + 5 * stride : a;
                }
                else
                {
                    o.A0 = Gather(index, row, zero, offset);
                    o.A1 = rows > 1 ? Gather(index, row + 1, zero, offset) : o.A0;
                    o.A2 = rows > 2 ? Gather(index, row + 2, zero, offset) : o.A0;
                    o.A3 = rows > 3 ? Gather(index, row + 3, zero, offset) : o.A0;
                    o.A4 = rows > 4 ? Gather(index, row + 4, zero, offset) : o.A0;
                    o.A5 = rows > 5 ? Gather(index, row + 5, zero, offset) : o.A0;
                }

                float* c = Gemm.C + row * Gemm.Ldc + column;
                if (rows == GemmTile.Rows && columns == 2 * S.Width)
                {
                    GemmTile.Two<S, V>(o, c, Gemm.Ldc, accumulate);
                }
                else
                {
                    Edge<S, V>(o, c, rows, columns, accumulate, tile);
                }

                if (last && !plain)
                    GemmEpilogue.Run<S, V>(Gemm, c, row, column, rows, columns);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private readonly float* Gather(int* index, int row, float* zero, nint offset)
            => index[row] < 0 ? zero : Gemm.Left + index[row] * Gemm.LeftRowStride + offset;

        /// <summary>Computes a tile that crosses the border of C in a buffer and copies its valid part.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly void Edge<S, V>(
            in GemmTile.Operands o, float* c, int rows, int columns, bool accumulate, float* tile)
            where S : struct, ISimd<V> where V : struct
        {
            int width = 2 * S.Width;
            if (accumulate)
            {
                for (int r = 0; r < rows; r++)
                {
                    for (int j = 0; j < columns; j++)
                        tile[r * width + j] = c[r * Gemm.Ldc + j];
                }
            }

            if (columns <= S.Width)
                GemmTile.One<S, V>(o, tile, width, accumulate);
            else
                GemmTile.Two<S, V>(o, tile, width, accumulate);
            for (int r = 0; r < rows; r++)
                Unsafe.CopyBlockUnaligned(c + r * Gemm.Ldc, tile + r * width, (uint)columns * sizeof(float));
        }
    }
}
