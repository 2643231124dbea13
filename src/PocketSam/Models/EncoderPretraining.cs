using PocketSam.Models;

namespace PocketSam;

/// <summary>
/// The initial weights that an image encoder took from a network for another task: a TinyViT that classifies ImageNet,
/// or a DINOv2 backbone.
/// </summary>
public sealed record EncoderPretraining
{
    /// <summary>Origin of the weights: a path or a name.</summary>
    public required string Source { get; init; }

    /// <summary>Keys of the model that were filled, including the resized ones.</summary>
    public required IReadOnlyList<string> Used { get; init; }

    /// <summary>Keys whose table of attention biases was resized from another window.</summary>
    public required IReadOnlyList<string> Resized { get; init; }

    /// <summary>Keys of the encoder that keep their initial values: the neck, high-resolution features.</summary>
    public required IReadOnlyList<string> Fresh { get; init; }

    /// <summary>Keys of the file that the encoder does not use: a classifier's head, counters.</summary>
    public required IReadOnlyList<string> Ignored { get; init; }

    /// <summary>
    /// A model of an architecture whose encoder starts with the weights of a file; everything else has initial values.
    /// </summary>
    /// <exception cref="ArgumentException">The architecture's encoder is of another kind.</exception>
    /// <exception cref="CheckpointFormatException">The file is no
    /// such network, or has other widths or depths.</exception>
    internal static (SamModel Model, EncoderPretraining Encoder) Begin(Checkpoint checkpoint, SamConfig config, int seed)
    {
        if (DinoPretraining.IsBackbone(checkpoint))
        {
            SamModel fitted = SamModel.Create(DinoPretraining.Fit(checkpoint, config), seed);
            return (fitted, DinoPretraining.Load(checkpoint, fitted));
        }

        SamModel model = SamModel.Create(config, seed);
        return (model, TinyVitPretraining.Load(checkpoint, model));
    }
}
