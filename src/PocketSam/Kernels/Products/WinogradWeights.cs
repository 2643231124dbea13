namespace PocketSam.Kernels.Products;

/// <summary>
/// The weights of a 3x3 convolution in the form of <see cref="Ops.WinogradKernel"/>: for each of the sixteen positions
/// in a tile, the matrix <c>[in, out]</c> of (G g G^T) at that position, with G = [1 0 0; 1/2 1/2 1/2; 1/2 -1/2 1/2; 0
/// 0 1] (Lavin and Gray, arXiv:1509.09308, F(2x2, 3x3)).
/// </summary>
internal sealed unsafe class WinogradWeights
{
    /// <summary>Rows and columns of a tile.</summary>
    public const int Side = 4;

    /// <summary>Positions in a tile.</summary>
    public const int Places = Side * Side;

    private const int Taps = 3;

    private WinogradWeights(PackedMatrix[] matrices) => Matrices = matrices;

    /// <summary>One matrix for each position in a tile, row-major.</summary>
    public PackedMatrix[] Matrices { get; }

    public int Inputs => Matrices[0].K;

    public int Outputs => Matrices[0].N;

    /// <summary>Transforms weights <c>[out, 3, 3, in]</c>.</summary>
    public static WinogradWeights From(float* weights, int inputs, int outputs)
    {
        float[] values = new float[outputs * inputs];
        var matrices = new PackedMatrix[Places];
        for (int place = 0; place < Places; place++)
        {
            double[] down = Row(place / Side), across = Row(place % Side);
            for (int i = 0; i < values.Length; i++)
            {
                float* taps = weights + (nint)(i / inputs) * Taps * Taps * inputs + i % inputs;
                double sum = 0;
                for (int tap = 0; tap < Taps * Taps; tap++)
                    sum += down[tap / Taps] * across[tap % Taps] * taps[(nint)tap * inputs];
                values[i] = (float)sum;
            }

            fixed (float* source = values)
                matrices[place] = PackedMatrix.From(source, 1, inputs, inputs, outputs);
        }

        return new WinogradWeights(matrices);
    }

    /// <summary>A row of G.</summary>
    private static double[] Row(int index) => index switch
    {
        0 => [1, 0, 0],
        1 => [0.5, 0.5, 0.5],
        2 => [0.5, -0.5, 0.5],
        _ => [0, 0, 1],
    };
}
