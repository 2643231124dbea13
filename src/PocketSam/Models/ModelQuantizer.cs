using PocketSam.Kernels.Integers;
using PocketSam.Layers;

namespace PocketSam;

/// <summary>
/// Quantises weights to 8-bit integers with a scale for each output channel: a quarter of the size of single precision.
/// Norms, biases, token and position embeddings, and depthwise convolutions are not quantised.
/// </summary>
public static class ModelQuantizer
{
    /// <summary>Name of this machine's integer multiplication.</summary>
    public static string Instructions => IntegerForm.Name;

    /// <summary>
    /// A checkpoint with its quantisable weights quantised, and the metadata of the
    /// quantisation. Weights for integer products have magnitudes of up to 64, which
    /// is faster on processors that add in 16 bits first; others of up to 127.
    /// </summary>
    /// <param name="checkpoint">A model in any float precision; the
    /// result shares its file, which must stay open.</param>
    /// <param name="info">The arithmetic of the products.</param>
    /// <param name="cancellation">Checked before each tensor.</param>
    /// <exception cref="CheckpointFormatException">The checkpoint is already quantised, has nothing to quantise, or has
    /// a value that is not finite.</exception>
    public static Checkpoint Quantize(Checkpoint checkpoint, QuantizationInfo info, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        ArgumentNullException.ThrowIfNull(info);
        QuantizationInfo.RequireFloats(checkpoint);
        if (!checkpoint.Tensors.Any(tensor => IsQuantizable(tensor.Key, tensor.Value)))
            throw new CheckpointFormatException(checkpoint.Source, "has no weights that can be quantised");
        return checkpoint with
        {
            Tensors = checkpoint.Tensors.ToDictionary(tensor => tensor.Key, tensor =>
            {
                cancellation.ThrowIfCancellationRequested();
                (string key, StoredTensor values) = tensor;
                return IsQuantizable(key, values) ? Quantize(checkpoint.Source, key, values, info.Arithmetic) : values;
            }),
            Metadata = new Dictionary<string, string>(checkpoint.Metadata) { [QuantizationInfo.MetadataKey] = info.ToJson() },
        };
    }

    /// <summary>
    /// Keys of the layers whose products are computed with integers if the model's arithmetic is
    /// <see cref="QuantizedArithmetic.Int8"/>.
    /// </summary>
    /// <param name="checkpoint">A model in float precision.</param>
    public static IReadOnlyList<string> IntegerLayers(Checkpoint checkpoint)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        return
        [
            .. checkpoint.Tensors.Where(tensor => IsQuantizable(tensor.Key, tensor.Value) && QuantizableLayers.AreIntegers(tensor.Key))
                .Select(tensor => tensor.Key[..tensor.Key.LastIndexOf('.')]),
        ];
    }

    private static bool IsQuantizable(string key, StoredTensor tensor)
        => tensor.IsFloating && QuantizableLayers.AreStored(key, tensor.Shape);

    private static StoredTensor Quantize(string source, string key, StoredTensor tensor, QuantizedArithmetic arithmetic)
    {
        float[] values = tensor.ToFloats();
        try
        {
            return arithmetic == QuantizedArithmetic.Int8 && QuantizableLayers.AreIntegers(key)
                ? StoredTensor.Quantize(values, tensor.Shape, IntegerForm.Narrow) : StoredTensor.Quantize(values, tensor.Shape);
        }
        catch (ArgumentException e)
        {
            throw new CheckpointFormatException(source, $"tensor {key}: {e.Message}", e);
        }
    }
}
