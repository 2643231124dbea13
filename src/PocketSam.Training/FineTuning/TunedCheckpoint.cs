using PocketSam.Models;

namespace PocketSam.Training.FineTuning;

/// <summary>
/// Makes the checkpoint of a tuned model, with the number types of the original: half precision, and 8-bit integers for
/// the layers that have them there.
/// </summary>
internal static class TunedCheckpoint
{
    /// <summary>Makes the checkpoint.</summary>
    /// <param name="model">The model with the tuned weights.</param>
    /// <param name="origin">The original model.</param>
    /// <param name="hasTunedEncoder">
    /// Whether the encoder is trained; the words are then left out, because they are fitted to the features of the
    /// original encoder.
    /// </param>
    /// <param name="firstMask">Which mask is shown first for a click.</param>
    public static Checkpoint Of(SamModel model, Sam origin, bool hasTunedEncoder, FirstMask firstMask)
    {
        IEnumerable<KeyValuePair<string, StoredTensor>> tensors = model.State.ToStored(DataType.Float16);
        var metadata = new Dictionary<string, string> { [ModelZoo.MetadataKey] = ModelZoo.ToJson(model.Config with { FirstMask = firstMask }) };
        if (origin.Words is { } words && !hasTunedEncoder)
        {
            tensors = tensors.Concat(words.ToStored());
            metadata[WordVocabulary.MetadataKey] = words.ToJson();
        }

        var checkpoint = new Checkpoint(origin.Name, tensors.ToDictionary(), metadata);
        HashSet<string> integers =
        [
            .. origin.Model.State.Entries.Where(entry => entry.Weight.Quantized is not null).Select(entry => entry.Key[..entry.Key.LastIndexOf('.')]),
        ];
        return integers.Count == 0 ? checkpoint : ModelQuantizer.Quantize(checkpoint, new QuantizationInfo
        {
            Arithmetic = QuantizedArithmetic.Int8,
            FloatLayers = [.. ModelQuantizer.IntegerLayers(checkpoint).Where(layer => !integers.Contains(layer))],
        });
    }
}
