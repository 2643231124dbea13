namespace PocketSam.Checkpoints.Storage;

/// <summary>
/// The file form of quantised tensors: the 8-bit integers <c>name</c> with scales <c>name_scale</c> in single
/// precision, one for each index of the first dimension. The metadata <see cref="QuantizationInfo.MetadataKey"/> marks
/// such a checkpoint.
/// </summary>
internal static class QuantizedTensors
{
    private const string ScaleSuffix = "_scale";

    /// <summary>The tensors of a file: two for each quantised tensor.</summary>
    public static KeyValuePair<string, StoredTensor>[] Split(IEnumerable<KeyValuePair<string, StoredTensor>> tensors)
        =>
        [
            .. tensors.SelectMany(t => t.Value.Scales is not { } scales ? [t] : new KeyValuePair<string, StoredTensor>[]
            {
                t, new(t.Key + ScaleSuffix, StoredTensor.FromFloats([.. scales], [scales.Count])),
            }),
        ];

    /// <summary>The checkpoint with integers and scales joined, if its metadata marks it as quantised.</summary>
    /// <exception cref="CheckpointFormatException">Integers lack scales, the scales differ in number or are not finite
    /// and positive, or the metadata is invalid or newer.</exception>
    public static Checkpoint Join(Checkpoint checkpoint)
    {
        if (QuantizationInfo.Of(checkpoint) is null)
            return checkpoint;
        var joined = new Dictionary<string, StoredTensor>();
        foreach ((string key, StoredTensor tensor) in checkpoint.Tensors)
        {
            if (tensor.Type == DataType.Int8)
                joined[key] = tensor.WithScales(ScalesOf(checkpoint, key, tensor));
            else if (!IsScale(checkpoint, key))
                joined[key] = tensor;
        }

        return checkpoint with { Tensors = joined };
    }

    private static bool IsScale(Checkpoint checkpoint, string key)
        => key.EndsWith(ScaleSuffix, StringComparison.Ordinal)
            && checkpoint.Tensors.TryGetValue(key[..^ScaleSuffix.Length], out StoredTensor? tensor) && tensor.Type == DataType.Int8;

    private static float[] ScalesOf(Checkpoint checkpoint, string key, StoredTensor tensor)
    {
        if (!checkpoint.Tensors.TryGetValue(key + ScaleSuffix, out StoredTensor? stored))
            throw Wrong($"8-bit numbers without their scales ({key}{ScaleSuffix})");
        if (tensor.Shape.Count == 0 || stored.Type != DataType.Float32 || stored.Shape is not [var count] || count != tensor.Shape[0])
            throw Wrong($"scales of another number than its first dimension ({key}{ScaleSuffix})");
        float[] scales = stored.ToFloats();
        int bad = Array.FindIndex(scales, scale => !(scale > 0 && float.IsFinite(scale)));
        return bad < 0 ? scales : throw Wrong($"a scale that is {scales[bad]} ({key}{ScaleSuffix})");

        CheckpointFormatException Wrong(string what) => new(checkpoint.Source, $"tensor {key}: {what}");
    }
}
