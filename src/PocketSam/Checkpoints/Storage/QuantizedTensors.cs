namespace PocketSam.Checkpoints.Storage;

/// <summary>
/// Quantised tensors as they lie in files: the numbers <c>name</c> of 8 bits beside their scales <c>name_scale</c> in single precision, one
/// for each index of the first dimension. A checkpoint that has such tensors says so under <see cref="QuantizationInfo.MetadataKey"/>.
/// </summary>
internal static class QuantizedTensors
{
    private const string ScaleSuffix = "_scale";

    /// <summary>The tensors of a file: two for each quantised one.</summary>
    public static KeyValuePair<string, StoredTensor>[] Split(IEnumerable<KeyValuePair<string, StoredTensor>> tensors)
        =>
        [
            .. tensors.SelectMany(t => t.Value.Scales is not { } scales ? [t] : new KeyValuePair<string, StoredTensor>[]
            {
                t, new(t.Key + ScaleSuffix, StoredTensor.FromFloats([.. scales], [scales.Count])),
            }),
        ];

    /// <summary>The checkpoint with numbers and scales put together, where its metadata says that there are such.</summary>
    /// <exception cref="CheckpointFormatException">
    /// Numbers without scales, scales of another number or that are not finite and above zero, or a newer form of the file.
    /// </exception>
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
