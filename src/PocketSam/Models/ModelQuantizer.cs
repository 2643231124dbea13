using PocketSam.Kernels.Integers;
using PocketSam.Layers;

namespace PocketSam;

/// <summary>
/// Turns weights into whole numbers of 8 bits with a scale for each output channel: a quarter of the size of single precision. Norms,
/// biases, embeddings of tokens and positions and depthwise convolutions stay as they are.
/// </summary>
public static class ModelQuantizer
{
    /// <summary>How this machine multiplies whole numbers, in words.</summary>
    public static string Instructions => IntegerForm.Name;

    /// <summary>
    /// The checkpoint, quantised where it can be, with metadata that says so. Weights that are computed with as whole numbers have
    /// magnitudes of up to 64, with which products are faster on processors that add in 16 bits first; others of up to 127.
    /// </summary>
    /// <param name="checkpoint">A model in any precision; it stays open and is the result's too.</param>
    /// <param name="info">What products will be computed in.</param>
    /// <param name="cancellation">Looked at before each tensor.</param>
    /// <exception cref="CheckpointFormatException">It is quantised already, has nothing to quantise, or a value is not finite.</exception>
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

    /// <summary>The keys of the layers whose products are computed with whole numbers where the model's arithmetic is that.</summary>
    /// <param name="checkpoint">A model.</param>
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
