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
    /// The tensors of a checkpoint, quantised where they can be; each when it is asked for. Weights that are computed with as whole
    /// numbers have magnitudes of up to 64, with which products are faster on processors that add in 16 bits first; others of up to 127.
    /// </summary>
    /// <param name="checkpoint">A model in any precision.</param>
    /// <param name="arithmetic">What products will be computed in.</param>
    /// <exception cref="CheckpointFormatException">It is quantised already, has nothing to quantise, or a value is not finite.</exception>
    public static IEnumerable<KeyValuePair<string, StoredTensor>> Quantize(Checkpoint checkpoint, QuantizedArithmetic arithmetic)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        if (QuantizationInfo.Of(checkpoint) is not null)
            throw new CheckpointFormatException(checkpoint.Source, "is quantised already; begin with the model that it was made from");
        if (!checkpoint.Tensors.Any(tensor => IsQuantizable(tensor.Key, tensor.Value)))
            throw new CheckpointFormatException(checkpoint.Source, "has no weights that can be quantised");
        return checkpoint.Tensors.Select(tensor => new KeyValuePair<string, StoredTensor>(
            tensor.Key, IsQuantizable(tensor.Key, tensor.Value)
                ? Quantize(checkpoint, tensor.Key, tensor.Value, arithmetic == QuantizedArithmetic.Int8 && QuantizableLayers.AreIntegers(tensor.Key))
                : tensor.Value));
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

    private static StoredTensor Quantize(Checkpoint checkpoint, string key, StoredTensor tensor, bool isInteger)
    {
        try
        {
            float[] values = tensor.ToFloats();
            return isInteger ? StoredTensor.Quantize(values, tensor.Shape, IntegerForm.Narrow) : StoredTensor.Quantize(values, tensor.Shape);
        }
        catch (ArgumentException e)
        {
            throw new CheckpointFormatException(checkpoint.Source, $"tensor {key}: {e.Message}", e);
        }
    }
}
