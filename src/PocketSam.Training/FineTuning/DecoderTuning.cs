using PocketSam.Kernels;
using PocketSam.Models;
using PocketSam.Tensors;
using PocketSam.Training.Data;
using PocketSam.Training.Data.Effects;
using PocketSam.Training.Optimization;

namespace PocketSam.Training.FineTuning;

/// <summary>Steps of the mask decoder over embeddings that are kept: a step costs a small part of one that encodes.</summary>
internal sealed class DecoderTuning(SamModel model, CachedView[] views, TuningRecipe recipe)
{
    /// <summary>Most masks of a picture in a step.</summary>
    public const int MasksPerPicture = 8;

    private readonly MaskBatch _batch = new(model);

    /// <summary>Adds the gradients of the mean loss of some pictures' prompts.</summary>
    public unsafe MaskResult Run(ulong seed)
    {
        int size = model.Config.ImageSize, side = size / SamConfig.EmbeddingStride, channels = model.Config.FeatureChannels;
        var random = new RandomStream(seed);
        int rounds = random.Below(recipe.Rounds + 1);
        int count = Math.Min(recipe.DecoderBatch, views.Length);
        CachedView[] chosen = [.. Enumerable.Range(0, count).Select(_ => views[random.Below(views.Length)])];
        var samples = new TrainingSample[count];
        Workers.For(count, i => samples[i] = TrainingSample.From(
            chosen[i].Picture, size, MasksPerPicture, RandomStream.Scramble(seed + (ulong)i)));
        int prompts = samples.Sum(sample => 2 * sample.Coverage.Length);
        float scale = 1f / (prompts * (rounds + 1));
        using Tape tape = Tape.Inference();
        Tensor features = Tape.New([count, side, side, channels]);
        int length = side * side * channels;
        for (int i = 0; i < count; i++)
            System.Numerics.Tensors.TensorPrimitives.ConvertToSingle(chosen[i].Features, features.Span.Slice(i * length, length));
        MaskResult[] results = PictureByPicture.Run(features, null, (i, embedding) => _batch.Decode(
            samples[i], embedding, rounds, recipe.Loss, scale, RandomStream.Scramble(seed ^ (ulong)(i + 1))));
        return MaskResult.Total(results, prompts, rounds);
    }
}
