using System.Runtime.CompilerServices;
using PocketSam.Kernels.Integers;
using PocketSam.Kernels.Vectors;

namespace PocketSam.Kernels.Products;

/// <summary>
/// A packed operand of integers from -127 to 127 with a scale for each column. A product quantises the rows of its left
/// operand to 0 to 255 (<see cref="QuantizedRows"/>), sums exactly, and computes C[m, n] = rowScale[m] columnScale[n]
/// (sum over k of q[m, k] w[k, n] - zero[m] sum over k of w[k, n]), then bias, residual and activation as with floats.
/// Every <see cref="IntegerForm"/> and any number of threads give the same bits.
/// </summary>
internal sealed unsafe class QuantizedMatrix : PackedOperand
{
    /// <summary>The most products that a 32-bit sum holds: 2^31 / (255 * 127).</summary>
    public const int MaxK = 66_311;

    /// <summary>Rows that are quantised together; they stay in the second-level cache.</summary>
    private const int BlockRows = 48;

    /// <summary>Values that a thread packs at a time.</summary>
    private const int PackedAtOnce = 65_536;

    private readonly int[] _memory;
    private readonly float[] _scaleMemory;
    private readonly int* _data;
    private readonly int* _sums;
    private readonly float* _scales;
    private readonly int _group;
    private readonly int _width;
    private readonly int _steps;
    private readonly bool _isNarrow;

    private QuantizedMatrix(sbyte[] values, float[] scales, int n, int k, int group, int width, bool isNarrow)
        : base(k, n)
    {
        if (values.Length != (long)n * k || scales.Length != n)
            throw new ArgumentException($"{values.Length} numbers and {scales.Length} scales are not [{n}, {k}]", nameof(values));
        if (k > MaxK)
            throw new ArgumentOutOfRangeException(nameof(k), k, $"sums of more than {MaxK} products can leave 32 bits");
        (_group, _width, _isNarrow) = (group, width, isNarrow);
        _steps = (k + _group - 1) / _group;
        int widest = Math.Max(width, PanelWidth), columns = (n + widest - 1) / widest * widest;
        _memory = GC.AllocateArray<int>(checked(columns * _steps + columns + 32), pinned: true);
        _data = (int*)Scratch.AlignUp((float*)Unsafe.AsPointer(ref _memory[0]));
        _sums = _data + (nint)columns * _steps;
        _scaleMemory = GC.AllocateArray<float>(columns + 16, pinned: true);
        _scales = Scratch.AlignUp((float*)Unsafe.AsPointer(ref _scaleMemory[0]));
        scales.CopyTo(new Span<float>(_scales, n));
        Workers.ForRange(n, Math.Max(1, PackedAtOnce / k), (start, end) =>
        {
            for (int column = start; column < end; column++)
                _sums[column] = Pack(column, values.AsSpan(column * k, k));
        });
    }

    /// <summary>Packs row-major <c>[N, K]</c> with a scale for each row, in the form of this machine.</summary>
    public static QuantizedMatrix From(sbyte[] values, float[] scales, int n, int k)
    {
        bool isNarrow = !values.AsSpan().ContainsAnyExceptInRange((sbyte)-IntegerForm.Narrow, (sbyte)IntegerForm.Narrow);
        var packing = new Packing
        {
            Values = values, Scales = scales, N = n, K = k, IsNarrow = isNarrow, Packed = new StrongBox<QuantizedMatrix>(),
        };
        IntegerForm.Run(packing, isNarrow);
        return packing.Packed.Value!;
    }

    /// <summary>Packs in a given form; one for narrow weights requires <paramref name="isNarrow"/>.</summary>
    public static QuantizedMatrix From<L, P, V>(sbyte[] values, float[] scales, int n, int k, bool isNarrow)
        where L : struct, IIntegerLanes<V> where P : struct, IIntegerProducts<V> where V : struct
        => new(values, scales, n, k, P.Group, 2 * L.Width, isNarrow);

    public override void Multiply(in Gemm product, int rowStart, int rowEnd, int panelStart, int panelEnd)
        => IntegerForm.Run(new Parts
        {
            Matrix = this, Gemm = product, RowStart = rowStart, RowEnd = rowEnd, Column = panelStart * PanelWidth,
            ColumnEnd = Math.Min(N, panelEnd * PanelWidth),
        }, _isNarrow);

    /// <summary>Computes the whole product in the form that the matrix was packed for, on the calling thread.</summary>
    public void Multiply<L, P, V>(in Gemm product)
        where L : struct, IIntegerLanes<V> where P : struct, IIntegerProducts<V> where V : struct
        => new Parts { Matrix = this, Gemm = product, RowEnd = product.M, ColumnEnd = N }.Run<L, P, V>();

    /// <summary>Packs the values of a column in groups along k. Returns their sum.</summary>
    private int Pack(int column, ReadOnlySpan<sbyte> values)
    {
        int* group = Panel(column) + column % _width;
        int sum = 0;
        for (int i = 0; i < values.Length; i++)
        {
            int place = i % _group;
            if (i > 0 && place == 0)
                group += _width;
            if (_group == 2)
                ((short*)group)[place] = values[i];
            else
                ((sbyte*)group)[place] = values[i];
            sum += values[i];
        }

        return sum;
    }

    /// <summary>The panel of two vectors that holds a column.</summary>
    private int* Panel(int column) => _data + (nint)(column / _width) * _steps * _width;

    private struct Packing : IIntegerKernel
    {
        public sbyte[] Values;
        public float[] Scales;
        public int N, K;
        public bool IsNarrow;
        public StrongBox<QuantizedMatrix> Packed;

        public readonly void Run<L, P, V>()
            where L : struct, IIntegerLanes<V> where P : struct, IIntegerProducts<V> where V : struct
            => Packed.Value = From<L, P, V>(Values, Scales, N, K, IsNarrow);
    }

    /// <summary>A product's rows, in blocks.</summary>
    private struct Parts : IIntegerKernel
    {
        public QuantizedMatrix Matrix;
        public Gemm Gemm;
        public int RowStart, RowEnd, Column, ColumnEnd;

        public readonly void Run<L, P, V>()
            where L : struct, IIntegerLanes<V> where P : struct, IIntegerProducts<V> where V : struct
        {
            for (int row = RowStart; row < RowEnd; row += BlockRows)
            {
                new Part
                {
                    Matrix = Matrix, Gemm = Gemm, Row = row, Rows = Math.Min(BlockRows, RowEnd - row), Column = Column, End = ColumnEnd,
                }.Run<L, P, V>();
            }
        }
    }

    /// <summary>A block of rows by a range of columns, on the calling thread.</summary>
    private struct Part
    {
        public QuantizedMatrix Matrix;
        public Gemm Gemm;
        public int Row, Rows, Column, End;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run<L, P, V>()
            where L : struct, IIntegerLanes<V> where P : struct, IIntegerProducts<V> where V : struct
        {
            int steps = Matrix._steps, width = 2 * L.Width;
            int* left = (int*)Scratch.Get(Scratch.Slot.QuantizedLeft, (nint)Rows * steps);
            int* zeros = stackalloc int[BlockRows];
            float* scales = stackalloc float[BlockRows];
            for (int r = 0; r < Rows; r++)
                Quantize<P, V>(Source(Row + r), left + (nint)r * steps, out scales[r], out zeros[r]);

            bool plain = Gemm.Bias is null && Gemm.Residual is null && Gemm.Activation == Activation.None;
            float* edge = stackalloc float[IntegerTile.Rows * 32];
            for (int column = Column; column < End; column += width)
            {
                int columns = Math.Min(width, End - column);
                int* panel = Matrix.Panel(column);
                for (int r = 0; r < Rows; r += IntegerTile.Rows)
                {
                    int rows = Math.Min(IntegerTile.Rows, Rows - r);
                    float* c = Gemm.C + (Row + r) * Gemm.Ldc + column;
                    var output = new IntegerTile.Output
                    {
                        C = c, Ldc = Gemm.Ldc, Zeros = zeros + r, Scales = scales + r,
                        ColumnSums = Matrix._sums + column, ColumnScales = Matrix._scales + column, Accumulate = Gemm.Accumulate,
                    };
                    if (columns < width)
                    {
                        output.C = edge;
                        output.Ldc = width;
                        if (Gemm.Accumulate)
                            Copy(c, Gemm.Ldc, edge, width, rows, columns);
                    }

                    IntegerTile.Run<L, P, V>(left + (nint)r * steps, rows, steps, panel, output);
                    if (columns < width)
                        Copy(edge, width, c, Gemm.Ldc, rows, columns);
                    if (!plain)
                        GemmEpilogue.Run(Gemm, c, Row + r, column, rows, columns);
                }
            }
        }

        private static void Copy(float* source, nint sourceStride, float* target, nint targetStride, int rows, int columns)
        {
            for (int r = 0; r < rows; r++)
                Unsafe.CopyBlockUnaligned(target + r * targetStride, source + r * sourceStride, (uint)columns * sizeof(float));
        }

        private readonly void Quantize<P, V>(float* row, int* target, out float scale, out int zero) where P : struct, IIntegerProducts<V> where V : struct
        {
            int k = Matrix.K;
            float inverse = QuantizedRows.Range(row, k, out scale, out zero);

            // Clears the padding of the last group, where the right operand is zero.
            target[Matrix._steps - 1] = 0;
            if (P.Group == 2)
                QuantizedRows.Write(row, k, inverse, zero, (short*)target);
            else
                QuantizedRows.Write(row, k, inverse, zero, P.Offset, (sbyte*)target);
            zero -= P.Offset;
        }

        /// <summary>The values of a row, contiguous: in place, or copied if they are strided or gathered.</summary>
        private readonly float* Source(int row)
        {
            if (Gemm.RowIndex is null && Gemm.LeftStep == 1)
                return Gemm.Left + row * Gemm.LeftRowStride;
            float* copy = Scratch.Get(Scratch.Slot.Rows, Gemm.K);
            int segment = Gemm.K / Gemm.Segments;
            for (int s = 0; s < Gemm.Segments; s++)
            {
                int from = Gemm.RowIndex is null ? row : Gemm.RowIndex[(nint)s * Gemm.M + row];
                var target = new Span<float>(copy + s * segment, segment);
                if (from < 0)
                {
                    target.Clear();
                    continue;
                }

                float* source = Gemm.Left + from * Gemm.LeftRowStride;
                if (Gemm.LeftStep == 1)
                {
                    new ReadOnlySpan<float>(source, segment).CopyTo(target);
                }
                else
                {
                    for (int i = 0; i < segment; i++)
                        target[i] = source[i * Gemm.LeftStep];
                }
            }

            return copy;
        }
    }
}
