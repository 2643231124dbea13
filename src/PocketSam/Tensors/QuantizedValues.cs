namespace PocketSam.Tensors;

/// <summary>The values of a weight as 8-bit integers times a scale for each index of the first dimension.</summary>
/// <param name="Numbers">-127 to 127, in the order of the weight.</param>
/// <param name="Scales">One for each index of the first dimension.</param>
internal sealed record QuantizedValues(sbyte[] Numbers, float[] Scales)
{
    /// <summary>The same integers with each scale multiplied by its factor.</summary>
    public QuantizedValues Scaled(ReadOnlySpan<float> factors)
    {
        float[] scales = [.. Scales];
        for (int i = 0; i < scales.Length; i++)
            scales[i] *= factors[i];
        return this with { Scales = scales };
    }
}
