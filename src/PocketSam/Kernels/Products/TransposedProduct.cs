using System.Buffers;
using System.Runtime.CompilerServices;
using PocketSam.Kernels.Vectors;

namespace PocketSam.Kernels.Products;

/// <summary>
/// C[m, n] = sum over k of A[k, m] B[k, n], or C += A^T B: for weight gradients and other products with a small C and a
/// long k. Rows of A and B are copied into tiles and panels a few at a time, in memory order.
/// <para>
/// C is cut into blocks that stay in the second-level cache, and k into stretches whose sums are added in order. Both
/// depend on the sizes alone, so any number of threads gives the same bits.
/// </para>
/// </summary>
internal unsafe struct TransposedProduct
{
    /// <summary>Largest block of C.</summary>
    private const int BlockM = 192, BlockN = 320;

    /// <summary>
    /// Values of k that are copied at a time: a panel and a tile of them stay in the first-level cache.
    /// </summary>
    private const int BlockK = 192;

    /// <summary>Fewest values of k in a stretch.</summary>
    private const int StretchK = 512;

    /// <summary>Multiply-adds below which a product runs on the calling thread.</summary>
    private const long ThreadGrain = 250_000;

    /// <summary>Parts to aim for by cutting k, if C has fewer blocks.</summary>
    private const int FewestParts = 8;

    public int M, N, K;

    /// <summary><c>[K, M]</c></summary>
    public float* A;

    /// <summary><c>[K, N]</c></summary>
    public float* B;

    public float* C;

    /// <summary>Floats from one row to the next.</summary>
    public nint Lda, Ldb, Ldc;

    public bool Accumulate;

    /// <summary>The sum over k of A[k, m] (the gradient of a bias) is added here, <c>[M]</c>; may be null.</summary>
    public float* Sums;

    public TransposedProduct(float* a, nint lda, float* b, nint ldb, float* c, nint ldc, int m, int n, int k)
    {
        (M, N, K) = (m, n, k);
        A = a;
        Lda = lda;
        B = b;
        Ldb = ldb;
        C = c;
        Ldc = ldc;
    }

    /// <summary>Computes the product, on several threads if it is large enough.</summary>
    public readonly void Run()
    {
        if ((long)M * N * K < ThreadGrain)
        {
            RunHere();
            return;
        }

        Blocks blocks = Cut();
        int stretches = 1;
        while (blocks.Count * stretches < FewestParts && K / (2 * stretches) >= StretchK)
            stretches *= 2;
        TransposedProduct product = this;
        if (stretches == 1)
        {
            Workers.For(blocks.Count, block => Simd.Run(new Part { Product = product, Blocks = blocks, Block = block }));
            return;
        }

        // Each stretch has its own C, with the sums of A as one more row.
        int size = M * N + M;
        float[] memory = ArrayPool<float>.Shared.Rent(stretches * size);
        fixed (float* pinned = memory)
        {
            float* partial = pinned;
            Workers.For(blocks.Count * stretches, i =>
            {
                int stretch = i % stretches, start = (int)((long)product.K * stretch / stretches);
                TransposedProduct part = product;
                part.K = (int)((long)product.K * (stretch + 1) / stretches) - start;
                part.A += start * part.Lda;
                part.B += start * part.Ldb;
                part.C = partial + (nint)stretch * size;
                part.Ldc = part.N;
                part.Accumulate = false;
                if (part.Sums is not null)
                    part.Sums = part.C + part.M * part.N;
                Simd.Run(new Part { Product = part, Blocks = blocks, Block = i / stretches, ClearsSums = true });
            });
            Workers.ForRange(M, Math.Max(1, 16_384 / N), (start, end) =>
                Simd.Run(new AddStretches
                {
                    Product = product, Partial = partial, Size = size, Stretches = stretches, Start = start, End = end,
                }));
        }

        ArrayPool<float>.Shared.Return(memory);
    }

    /// <summary>Computes the product on the calling thread.</summary>
    public readonly void RunHere()
    {
        Blocks blocks = Cut();
        for (int block = 0; block < blocks.Count; block++)
            Simd.Run(new Part { Product = this, Blocks = blocks, Block = block });
    }

    private readonly Blocks Cut() => new()
    {
        M = M, N = N, Width = PackedOperand.PanelWidth, Down = (M + BlockM - 1) / BlockM, Across = (N + BlockN - 1) / BlockN,
    };

    /// <summary>How C is cut into blocks of whole tiles and panels.</summary>
    private struct Blocks
    {
        public int M, N, Width, Down, Across;

        public readonly int Count => Down * Across;

        private readonly int Tiles => (M + GemmTile.TallRows - 1) / GemmTile.TallRows;

        private readonly int Panels => (N + Width - 1) / Width;

        public readonly int Row(int down) => Math.Min(M, (int)((long)Tiles * down / Down) * GemmTile.TallRows);

        public readonly int Column(int across) => Math.Min(N, (int)((long)Panels * across / Across) * Width);
    }

    /// <summary>One block of C.</summary>
    private struct Part : ISimdKernel
    {
        public TransposedProduct Product;
        public Blocks Blocks;
        public int Block;

        /// <summary>Whether the sums of A start at zero.</summary>
        public bool ClearsSums;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run<S, V>() where S : struct, ISimd<V> where V : struct
        {
            int down = Block / Blocks.Across, across = Block % Blocks.Across, width = 2 * S.Width;
            int row = Blocks.Row(down), rows = Blocks.Row(down + 1) - row;
            int column = Blocks.Column(across), columns = Blocks.Column(across + 1) - column;
            int panels = (columns + width - 1) / width, tiles = (rows + GemmTile.TallRows - 1) / GemmTile.TallRows;
            int blocks = Math.Max(1, (Product.K + BlockK - 1) / BlockK), longest = (Product.K + blocks - 1) / blocks;
            float* left = Scratch.Get(Scratch.Slot.PackedLeft, (nint)tiles * GemmTile.TallRows * longest);
            float* right = Scratch.Get(Scratch.Slot.PackedPanel, (nint)panels * width * longest);
            float* sums = Product.Sums is null || across > 0 ? null : Product.Sums + row;
            float* edge = stackalloc float[GemmTile.TallRows * 32];
            if (sums is not null && ClearsSums)
                new Span<float>(sums, rows).Clear();
            for (int k = 0; k < Product.K; k += longest)
            {
                int count = Math.Min(longest, Product.K - k);
                bool accumulate = Product.Accumulate || k > 0;
                float* a = Product.A + k * Product.Lda + row;
                CopyTiles(a, count, rows, left);
                if (sums is not null)
                    new AddRows { X = a, Stride = Product.Lda, Target = sums, Rows = count, Count = rows }.Run<S, V>();
                CopyPanels<S, V>(Product.B + k * Product.Ldb + column, count, columns, right);
                for (int panel = 0; panel < panels; panel++)
                {
                    float* b = right + (nint)panel * width * count, tile = left;
                    float* c = Product.C + row * Product.Ldc + column + panel * width;
                    int inside = Math.Min(width, columns - panel * width);
                    for (int r = 0; r < rows; r += GemmTile.TallRows)
                    {
                        int height = rows - r <= GemmTile.Rows ? GemmTile.Rows : GemmTile.TallRows;
                        if (inside == width && rows - r >= height)
                            GemmTile.Packed<S, V>(tile, height, count, b, c, Product.Ldc, accumulate);
                        else
                            Edge<S, V>(tile, height, count, b, c, Math.Min(height, rows - r), inside, accumulate, edge);
                        tile += GemmTile.TallRows * count;
                        c += GemmTile.TallRows * Product.Ldc;
                    }
                }
            }
        }

        /// <summary>
        /// Computes a tile that crosses the border of the block in a buffer and copies its valid part.
        /// </summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly void Edge<S, V>(
            float* a, int height, int count, float* b, float* c, int rows, int columns, bool accumulate, float* edge)
            where S : struct, ISimd<V> where V : struct
        {
            GemmTile.Packed<S, V>(a, height, count, b, edge, 2 * S.Width, accumulate: false);
            for (int r = 0; r < rows; r++, c += Product.Ldc, edge += 2 * S.Width)
            {
                for (int i = 0; i < columns; i++)
                    c[i] = accumulate ? c[i] + edge[i] : edge[i];
            }
        }

        /// <summary>
        /// Copies <paramref name="count"/> rows of A into tiles <c>[count, 12]</c>. The last tile is <c>[count, 6]</c>
        /// if that holds the rest; it is padded with zeros.
        /// </summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly void CopyTiles(float* source, int count, int width, float* target)
        {
            const int Tile = GemmTile.TallRows;
            int whole = width / Tile, rest = width % Tile, last = rest <= GemmTile.Rows ? GemmTile.Rows : Tile;
            for (int i = 0; i < count; i++)
            {
                float* from = source, to = target + i * Tile;
                for (int tile = 0; tile < whole; tile++)
                {
                    Unsafe.CopyBlockUnaligned(to, from, Tile * sizeof(float));
                    from += Tile;
                    to += count * Tile;
                }

                to = target + (nint)whole * count * Tile + i * last;
                for (int r = 0; r < last && rest > 0; r++)
                    to[r] = r < rest ? from[r] : 0f;
                source += Product.Lda;
            }
        }

        /// <summary>
        /// Copies <paramref name="count"/> rows of B into panels
        /// <c>[count, two vectors]</c>, the last one padded with zeros.
        /// </summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly void CopyPanels<S, V>(float* source, int count, int width, float* target)
            where S : struct, ISimd<V> where V : struct
        {
            int panel = 2 * S.Width, whole = width / panel, rest = width % panel;
            for (int i = 0; i < count; i++)
            {
                float* from = source, to = target + i * panel;
                for (int p = 0; p < whole; p++)
                {
                    V first = S.Load(from), second = S.Load(from + S.Width);
                    S.Store(to, first);
                    S.Store(to + S.Width, second);
                    from += panel;
                    to += count * panel;
                }

                for (int c = 0; c < panel && rest > 0; c++)
                    to[c] = c < rest ? from[c] : 0f;
                source += Product.Ldb;
            }
        }
    }

    /// <summary>Adds the stretches of a range of rows, in order.</summary>
    private struct AddStretches : ISimdKernel
    {
        public TransposedProduct Product;
        public float* Partial;
        public int Size, Stretches, Start, End;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run<S, V>() where S : struct, ISimd<V> where V : struct
        {
            int n = Product.N, m = Product.M;
            for (int row = Start; row < End; row++)
                Row<S, V>(Partial + (nint)row * n, Product.C + row * Product.Ldc, n, Product.Accumulate);
            if (Product.Sums is not null)
                Row<S, V>(Partial + (nint)m * n + Start, Product.Sums + Start, End - Start, accumulate: true);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private readonly void Row<S, V>(float* partial, float* target, int count, bool accumulate)
            where S : struct, ISimd<V> where V : struct
        {
            int i = 0;
            for (; i + S.Width <= count; i += S.Width)
                Add<S, V>(partial + i, target + i, accumulate);
            for (; i < count; i++)
                Add<SimdScalar, float>(partial + i, target + i, accumulate);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private readonly void Add<S, V>(float* partial, float* target, bool accumulate)
            where S : struct, ISimd<V> where V : struct
        {
            V sum = S.Load(partial);
            for (int stretch = 1; stretch < Stretches; stretch++)
                sum = S.Add(sum, S.Load(partial + (nint)stretch * Size));
            S.Store(target, accumulate ? S.Add(S.Load(target), sum) : sum);
        }
    }
}
