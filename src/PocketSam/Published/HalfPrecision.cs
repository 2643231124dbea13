using PocketSam.Models;

namespace PocketSam.Published;

/// <summary>Converts a publisher's checkpoint to half precision and adds its architecture.</summary>
internal static class HalfPrecision
{
    /// <summary>
    /// Writes the checkpoint as safetensors; tensors with values
    /// beyond half precision and running statistics keep their type.
    /// </summary>
    /// <param name="source">The publisher's file.</param>
    /// <param name="target">The file to write, completely or not at all.</param>
    /// <param name="model">The expected model.</param>
    /// <param name="configuration">Path of a CLIP model's configuration; null for other models.</param>
    /// <param name="cancellation">Checked between tensors.</param>
    /// <exception cref="CheckpointFormatException">The file is another model.</exception>
    /// <exception cref="IOException">A file cannot be read or written.</exception>
    public static void Write(
        string source, string target, PublishedModel model, string? configuration, CancellationToken cancellation)
    {
        using Checkpoint checkpoint = CheckpointFile.Read(source);
        var metadata = new Dictionary<string, string>(checkpoint.Metadata) { ["pocketsam.source"] = model.Address.ToString() };
        if (model.Architecture is { } architecture)
        {
            SamConfig config = ModelZoo.FromCheckpoint(checkpoint);
            if (config.Name != architecture)
                throw new CheckpointFormatException(source, $"a model {config.Name}, not {architecture}");
            if (ModelDescription.Of(config, checkpoint).Missing is [var missing, ..])
                throw new CheckpointFormatException(source, $"tensor {missing} is missing");
            metadata[ModelZoo.MetadataKey] = ModelZoo.ToJson(config);
        }
        else if (configuration is not null)
        {
            if (!ClipCheckpoint.IsClip(checkpoint))
                throw new CheckpointFormatException(source, "no CLIP with a vision transformer");
            ClipConfigFile file = ClipConfigFile.ReadTransformers(configuration);
            metadata[ClipConfig.MetadataKey] = file.Apply(ClipCheckpoint.ConfigOf(
                ClipCheckpoint.ByOwnNames(checkpoint), file.Activation, file.VisionHeads, file.TextHeads)).ToJson();
        }
        else if (!DinoPretraining.IsBackbone(checkpoint))
        {
            throw new CheckpointFormatException(source, "no DINOv2 backbone");
        }

        Safetensors.Write(
            target,
            checkpoint.Tensors.Select(entry => KeyValuePair.Create(entry.Key, Halved(entry.Key, entry.Value))).ToList(), metadata,
            cancellation: cancellation);
    }

    private static StoredTensor Halved(string key, StoredTensor tensor)
        => tensor.IsFloating && !CheckpointFile.IsRunningStatistic(key) && tensor.Fits(DataType.Float16)
            ? tensor.ConvertTo(DataType.Float16) : tensor;
}
