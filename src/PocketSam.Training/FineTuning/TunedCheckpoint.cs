using PocketSam.Models;

namespace PocketSam.Training.FineTuning;

/// <summary>A tuned model in the form of the one that it comes from: as precise, and with as fast products.</summary>
internal static class TunedCheckpoint
{
    /// <summary>The checkpoint.</summary>
    /// <param name="model">The tuned weights.</param>
    /// <param name="origin">What the model was before.</param>
    /// <param name="hasTunedEncoder">Whether the encoder is another one: the words are then not valid any more.</param>
    /// <param name="firstMask">What a click gets first.</param>
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
