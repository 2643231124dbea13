using PocketSam.Models;

namespace PocketSam;

/// <summary>
/// What an image encoder took from a network that was trained for something else: a TinyViT that classifies ImageNet, or a
/// DINOv2 backbone.
/// </summary>
public sealed record EncoderPretraining
{
    /// <summary>Where the weights came from.</summary>
    public required string Source { get; init; }

    /// <summary>State-dict keys of the model that were filled, the resized ones among them.</summary>
    public required IReadOnlyList<string> Used { get; init; }

    /// <summary>Those whose table of attention biases is of another window.</summary>
    public required IReadOnlyList<string> Resized { get; init; }

    /// <summary>Keys of the encoder that keep their first values: the neck, high-resolution features.</summary>
    public required IReadOnlyList<string> Fresh { get; init; }

    /// <summary>Keys of the file that the encoder has no use for: a classifier's head, counters.</summary>
    public required IReadOnlyList<string> Ignored { get; init; }

    /// <summary>A model of that architecture whose encoder begins with the file; all else has first values.</summary>
    /// <exception cref="ArgumentException">The architecture's encoder is of another kind.</exception>
    /// <exception cref="CheckpointFormatException">The file is no such network, or one of other widths or depths.</exception>
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
