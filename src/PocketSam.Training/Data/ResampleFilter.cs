namespace PocketSam.Training.Data;

/// <summary>
/// The source pixels of each target pixel along one axis, and their weights: bilinear when enlarging; when shrinking,
/// the triangle is two target pixels wide, so that every source pixel counts.
/// </summary>
internal sealed class ResampleFilter
{
    private readonly int[] _first;
    private readonly int[] _count;
    private readonly float[] _weights;
    private readonly int _maxTaps;

    /// <summary>
    /// Creates a filter from <c>[start, start + length)</c> of an axis of <paramref name="sourceSize"/> pixels.
    /// </summary>
    public ResampleFilter(int sourceSize, float start, float length, int targetSize, bool flip)
    {
        float scale = length / targetSize;
        float support = MathF.Max(scale, 1);
        _maxTaps = 2 * (int)MathF.Ceiling(support) + 1;
        _first = new int[targetSize];
        _count = new int[targetSize];
        _weights = new float[targetSize * _maxTaps];
        for (int i = 0; i < targetSize; i++)
        {
            float center = start + (i + 0.5f) * scale;
            int target = flip ? targetSize - 1 - i : i;
            SetTaps(target, center, support, sourceSize);
        }
    }

    public int TargetSize => _first.Length;

    /// <summary>First source pixel of a target pixel.</summary>
    public int First(int target) => _first[target];

    /// <summary>Weights of the source pixels from the first one on, which sum to 1.</summary>
    public ReadOnlySpan<float> Weights(int target) => _weights.AsSpan(target * _maxTaps, _count[target]);

    private void SetTaps(int target, float center, float support, int sourceSize)
    {
        // The taps are the pixel centres strictly inside the triangle; the nearest pixel is always one of them.
        int nearest = Math.Clamp((int)MathF.Floor(center), 0, sourceSize - 1);
        int first = nearest;
        while (first > 0 && center - (first - 0.5f) < support)
            first--;
        int last = nearest;
        while (last < sourceSize - 1 && last + 1.5f - center < support)
            last++;

        Span<float> weights = _weights.AsSpan(target * _maxTaps, last - first + 1);
        float total = 0;
        for (int i = 0; i < weights.Length; i++)
        {
            weights[i] = MathF.Max(1 - MathF.Abs(first + i + 0.5f - center) / support, 1e-6f);
            total += weights[i];
        }

        foreach (ref float weight in weights)
            weight /= total;
        _first[target] = first;
        _count[target] = weights.Length;
    }
}
