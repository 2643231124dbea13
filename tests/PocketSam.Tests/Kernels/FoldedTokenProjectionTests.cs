using PocketSam.Kernels.Decoder;

namespace PocketSam.Tests.Kernels;

[Trait("Category", "Simd")]
public sealed unsafe class FoldedTokenProjectionTests
{
    private const double Tolerance = 1e-5;

    [Theory]
    [InlineData(1, 1, 3)]
    [InlineData(2, 8, 32)]
    [InlineData(7, 16, 136)]
    [InlineData(8, 4, 72)]
    [InlineData(45, 5, 24)]
    public void Both_sides_equal_the_definition(int tokens, int dim, int channels)
    {
        const int Gap = 5; // other heads lie between the rows
        float[] x = Samples.Uniform(tokens * dim, 1), w = Samples.Uniform(dim * channels, 2);
        Guarded rows = Guarded.Rows(x, dim, dim + Gap), weights = Guarded.From(w), folded = new(tokens * channels);
        FoldedTokenProjection.Inputs(rows.Data, dim + Gap, tokens, dim, weights.Data, channels, folded.Data);
        folded.AssertEquals(Reference.Product(x, w, tokens, channels, dim), Tolerance, "inputs");

        Guarded turned = Guarded.Rows(Reference.Transpose(w, dim, channels), dim, dim + Gap);
        var target = new Guarded(channels * (tokens + Gap));
        FoldedTokenProjection.Outputs(
            rows.Data, dim + Gap, tokens, dim, turned.Data, dim + Gap, channels, target.Data, tokens + Gap);
        double[] expected = Reference.Product(
            Reference.Transpose(w, dim, channels), Reference.Transpose(x, tokens, dim), channels, tokens, dim);
        target.AssertRows(expected, tokens, tokens + Gap, Tolerance, "outputs");
    }
}
