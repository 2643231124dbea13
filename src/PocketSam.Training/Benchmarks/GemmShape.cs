namespace PocketSam.Training.Benchmarks;

/// <summary>A matrix product C [M, N] = A [M, K] B [K, N] of a network.</summary>
/// <param name="Name">What it computes.</param>
/// <param name="Count">How often it occurs in one forward pass.</param>
/// <param name="M">Rows of A and C.</param>
/// <param name="N">Columns of B and C.</param>
/// <param name="K">Columns of A, rows of B.</param>
internal readonly record struct GemmShape(string Name, int Count, int M, int N, int K)
{
    /// <summary>Floating-point operations of one product.</summary>
    public double Flops => 2.0 * M * N * K;

    /// <summary>
    /// The products of linear layers and convolutions of TinyViT-5M at 1024x1024 (vit_t of the model zoo), but for the
    /// first convolution (27 inputs) and those inside of attention. Rows of the attention projections include the
    /// padding of the windows: 19x19 windows of 7x7, 5x5 of 14x14, 10x10 of 7x7.
    /// </summary>
    public static IReadOnlyList<GemmShape> TinyVit5M { get; } =
    [
        new("stem conv 3x3", 1, 65536, 64, 288),
        new("mbconv expand", 2, 65536, 256, 64),
        new("mbconv project", 2, 65536, 64, 256),
        new("merge 1 in", 1, 65536, 128, 64),
        new("merge 1 out", 1, 16384, 128, 128),
        new("stage 1 qkv", 2, 17689, 384, 128),
        new("stage 1 projection", 2, 16384, 128, 128),
        new("stage 1 mlp up", 2, 16384, 512, 128),
        new("stage 1 mlp down", 2, 16384, 128, 512),
        new("merge 2 in", 1, 16384, 160, 128),
        new("merge 2 out", 1, 4096, 160, 160),
        new("stage 2 qkv", 6, 4900, 480, 160),
        new("stage 2 projection", 6, 4096, 160, 160),
        new("stage 2 mlp up", 6, 4096, 640, 160),
        new("stage 2 mlp down", 6, 4096, 160, 640),
        new("merge 3 in", 1, 4096, 320, 160),
        new("merge 3 out", 1, 4096, 320, 320),
        new("stage 3 qkv", 2, 4900, 960, 320),
        new("stage 3 projection", 2, 4096, 320, 320),
        new("stage 3 mlp up", 2, 4096, 1280, 320),
        new("stage 3 mlp down", 2, 4096, 320, 1280),
        new("neck 1x1", 1, 4096, 256, 320),
        new("neck 3x3", 1, 4096, 256, 2304),
    ];
}
