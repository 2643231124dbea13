using PocketSam.Kernels.Decoder;
using PocketSam.Kernels.Products;
using PocketSam.Kernels.Vectors;

namespace PocketSam.Tests.Kernels;

/// <summary>A pass over image rows against attention, norm and attention written out.</summary>
[Trait("Category", "Simd")]
public sealed unsafe class TwoWayKernelTests
{
    private const float Epsilon = 1e-5f, Scale = 0.4f;
    private const double Tolerance = 2e-5;

    /// <summary>
    /// Image rows (some do not fill the last panel), parts, heads, tokens, channels, whether rows are updated, whether
    /// they are projected for what they give and for what they ask.
    /// </summary>
    public static TheoryData<int, int, int, int, int, bool, bool, bool> Shapes => new()
    {
        { 1, 1, 1, 1, 8, true, false, false },
        { 16, 1, 2, 3, 16, false, false, false },
        { 16, 1, 2, 3, 16, false, true, false },
        { 64, 1, 2, 7, 32, true, false, true },
        { 80, 2, 2, 7, 16, true, false, false },
        { 304, 3, 4, 9, 32, true, false, true }, // several tiles; heads across panels
        { 304, 2, 4, 9, 32, false, true, false },
        { 304, 1, 2, 40, 16, true, true, true },
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Equals_the_definition(
        int rows, int parts, int heads, int tokens, int channels, bool updated, bool given, bool asked)
    {
        int inner = channels / 2, dim = inner / heads, ht = heads * tokens;
        float[] x = Samples.Uniform(rows * channels, 1), positions = Samples.Uniform(rows * channels, 2);
        float[] keys = Samples.Uniform(asked ? tokens * inner : ht * channels, 3), offsets = Samples.Uniform(ht, 4);
        float[] values = Samples.Uniform(channels * ht, 5), bias = Samples.Uniform(channels, 6);
        float[] gain = Samples.Uniform(channels, 7), shift = Samples.Uniform(channels, 8);
        float[] queries = Samples.Uniform(given ? tokens * inner : ht * channels, 9, 2);
        float[] rowQueries = Samples.Uniform(rows * inner, 10), rowKeys = Samples.Uniform(rows * inner, 11, 2);
        float[] rowValues = Samples.Uniform(rows * inner, 12);

        // The rows.
        double[] y = Reference.ToDouble(x);
        for (int n = 0; n < rows && updated; n++)
        {
            double[] a = Scores(n, y, keys, asked ? rowQueries : null, asked ? null : offsets);
            for (int h = 0; h < heads; h++)
                Reference.Softmax(a.AsSpan(h * tokens, tokens)).CopyTo(a, h * tokens);
            double[] row = new double[channels];
            for (int c = 0; c < channels; c++)
                row[c] = x[n * channels + c] + bias[c] + Enumerable.Range(0, ht).Sum(i => values[c * ht + i] * a[i]);
            double mean = row.Average(), variance = row.Average(v => (v - mean) * (v - mean));
            for (int c = 0; c < channels; c++)
                y[n * channels + c] = (row[c] - mean) / Math.Sqrt(variance + Epsilon) * gain[c] + shift[c];
        }

        // What tokens gather: [value, head and token].
        double[][] scores = [.. Enumerable.Range(0, rows).Select(n => Scores(n, y, queries, given ? rowKeys : null, null))];
        int count = given ? inner : channels;
        double[] gathered = new double[count * ht];
        for (int i = 0; i < ht; i++)
        {
            double[] p = Reference.Softmax([.. scores.Select(s => s[i])]);
            for (int c = 0; c < count; c++)
            {
                for (int n = 0; n < rows; n++)
                    gathered[c * ht + i] += p[n] * (given ? rowValues[n * inner + c] : y[n * channels + c]);
            }
        }

        Guarded source = Panels(x, rows, channels), places = Panels(positions, rows, channels);
        Guarded panelQueries = Panels(rowQueries, rows, inner), panelKeys = Panels(rowKeys, rows, inner);
        Guarded panelValues = Panels(rowValues, rows, inner), target = new((int)PackedImage.Size(rows, channels));
        Guarded k = Guarded.From(keys), o = Guarded.From(offsets), v = Guarded.From(values), b = Guarded.From(bias);
        Guarded g = Guarded.From(gain), s = Guarded.From(shift), q = Guarded.From(queries);
        nint size = TokenSums.Size(heads, tokens, channels);
        var sums = new Guarded((int)size * parts);
        int panels = PackedImage.Panels(rows);
        parts = Math.Min(parts, panels);
        TokenSums Sums(int part) => new(sums.Data + part * size, heads, tokens, count, perHead: given);
        for (int part = 0; part < parts; part++)
        {
            Simd.Run(new TwoWayKernel
            {
                Channels = channels,
                Inner = inner,
                Heads = heads,
                Tokens = tokens,
                ImageRows = rows,
                Scale = Scale,
                Start = panels * part / parts,
                End = panels * (part + 1) / parts,
                Source = source.Data,
                Positions = places.Data,
                Target = updated ? target.Data : null,
                Image = new()
                {
                    Keys = k.Data,
                    KeyStride = asked ? inner : channels,
                    Queries = asked ? panelQueries.Data : null,
                    Offsets = asked ? null : o.Data,
                    Values = v.Data,
                    OutputBias = b.Data,
                    NormGain = g.Data,
                    NormBias = s.Data,
                    Epsilon = Epsilon,
                },
                Token = new()
                {
                    Queries = q.Data,
                    QueryStride = given ? inner : channels,
                    Keys = given ? panelKeys.Data : null,
                    Values = given ? panelValues.Data : null,
                    Sums = Sums(part),
                },
            });
        }

        TokenSums first = Sums(0);
        var merged = new Guarded(first.Columns * count);
        first.Merge(parts, size, merged.Data);
        for (int c = 0; c < count; c++)
        {
            for (int i = 0; i < ht; i++)
            {
                if (!given || c / dim == i / tokens)
                    Assert.Equal(gathered[c * ht + i], merged.Span[c * first.Columns + i], Tolerance);
            }
        }

        int width = PackedOperand.PanelWidth;
        for (int n = 0; n < rows && updated; n++)
        {
            for (int c = 0; c < channels; c++)
                Assert.Equal(y[n * channels + c], target.Span[(n / width * channels + c) * width + n % width], Tolerance * 10);
        }

        double[] Scores(int n, double[] image, float[] folded, float[]? projected, float[]? constants)
        {
            double[] result = new double[ht];
            for (int i = 0; i < ht; i++)
            {
                int head = i / tokens, token = i % tokens;
                if (projected is null)
                {
                    for (int c = 0; c < channels; c++)
                        result[i] += folded[i * channels + c] * (image[n * channels + c] + positions[n * channels + c]);
                }
                else
                {
                    for (int c = head * dim; c < (head + 1) * dim; c++)
                        result[i] += (double)folded[token * inner + c] * projected[n * inner + c];
                }

                result[i] = Scale * (result[i] + (constants is null ? 0 : constants[i]));
            }

            return result;
        }
    }

    private static Guarded Panels(float[] x, int rows, int channels)
    {
        Guarded source = Guarded.From(x), panels = new((int)PackedImage.Size(rows, channels));
        PackedImage.Pack(source.Data, rows, channels, null, panels.Data);
        return panels;
    }
}
