namespace PocketSam.Masks;

/// <summary>
/// The lower envelope of the parabolas <c>(x - q)^2 + g(q)^2</c> over a run of pixels, with parabolas of height zero on
/// either side; reuses its buffers between runs.
/// </summary>
internal sealed class ParabolaEnvelope
{
    private readonly int[] _sites; // apexes on the envelope, left to right
    private readonly double[] _starts; // where each of them starts to be the lowest
    private readonly double[] _constants; // q^2 + g(q)^2, the part of a parabola that does not depend on x

    /// <summary>Allocates buffers for runs of up to <paramref name="length"/> pixels.</summary>
    internal ParabolaEnvelope(int length)
    {
        _sites = new int[length + 2];
        _starts = new double[length + 3];
        _constants = new double[length + 2];
    }

    /// <summary>The envelope's height at each pixel of the run.</summary>
    /// <param name="heights"><c>g</c> at each pixel, above zero.</param>
    /// <param name="squared">Receives the squared distances, one for each pixel.</param>
    internal void Evaluate(ReadOnlySpan<int> heights, Span<int> squared)
    {
        // Coordinates start at the unset pixel left of the run, so pixel i of the run is at i + 1.
        int end = heights.Length + 1;
        int last = 0;
        _sites[0] = 0;
        _starts[0] = double.NegativeInfinity;
        _constants[0] = 0;
        for (int q = 1; q <= end; q++)
        {
            double height = q < end ? heights[q - 1] : 0;
            double constant = (double)q * q + height * height;
            double start = Intersection(constant, q, _sites[last]);
            while (start <= _starts[last])
                start = Intersection(constant, q, _sites[--last]);
            _constants[q] = constant;
            _sites[++last] = q;
            _starts[last] = start;
        }

        _starts[last + 1] = double.PositiveInfinity;
        int current = 0;
        for (int x = 1; x < end; x++)
        {
            while (_starts[current + 1] < x)
                current++;
            int site = _sites[current];
            squared[x - 1] = (int)(_constants[site] - (2.0 * site - x) * x);
        }
    }

    // Where the parabola of apex q falls below that of an apex to its left.
    private double Intersection(double constant, int q, int left) => (constant - _constants[left]) / (2 * (q - left));
}
