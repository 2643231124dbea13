using PocketSam.Layers;
using PocketSam.Models;

namespace PocketSam;

/// <summary>The cost of an architecture, and how a checkpoint's tensors fit it; no weights are read.</summary>
public sealed record ModelDescription
{
    /// <summary>Tokens of a prompt of one point, including its padding.</summary>
    private const int PointTokens = 2;

    private ModelDescription()
    {
    }

    /// <summary>Number of weights.</summary>
    public required long Parameters { get; init; }

    /// <summary>Multiply-adds of the image encoder for a picture at the model's input size.</summary>
    public required double EncoderMacs { get; init; }

    /// <summary>Multiply-adds of prompt encoder and mask decoder for a prompt of one point.</summary>
    public required double DecoderMacs { get; init; }

    /// <summary>Keys of the architecture that the checkpoint lacks.</summary>
    public IReadOnlyList<string> Missing { get; private init; } = [];

    /// <summary>Keys of the checkpoint that the architecture lacks.</summary>
    public IReadOnlyList<string> Unknown { get; private init; } = [];

    /// <summary>Keys whose tensor has another shape in the checkpoint.</summary>
    public IReadOnlyList<string> Misshapen { get; private init; } = [];

    /// <summary>Describes an architecture.</summary>
    /// <param name="config">The architecture.</param>
    /// <param name="checkpoint">A checkpoint to compare; may be null.</param>
    public static ModelDescription Of(SamConfig config, Checkpoint? checkpoint = null)
    {
        ArgumentNullException.ThrowIfNull(config);
        SamModel model = SamModel.Describe(config);
        var description = new ModelDescription
        {
            Parameters = model.Parameters,
            EncoderMacs = Flops.Encoder(config, config.ImageSize),
            DecoderMacs = Flops.Decoder(config, config.ImageSize, PointTokens),
        };
        if (checkpoint?.Tensors is not { } tensors)
            return description;
        Dictionary<string, StateEntry> expected = model.State.Entries.ToDictionary(entry => entry.Key);
        return description with
        {
            Missing = [.. expected.Keys.Where(key => !tensors.ContainsKey(key))],
            Unknown = [.. tensors.Keys.Where(key => !expected.ContainsKey(key) && !SamModel.IsUnused(key))],
            Misshapen =
            [
                .. tensors.Where(t => expected.TryGetValue(t.Key, out StateEntry? entry)
                    && !t.Value.Shape.SequenceEqual(entry.StoredShape)).Select(t => t.Key),
            ],
        };
    }
}
