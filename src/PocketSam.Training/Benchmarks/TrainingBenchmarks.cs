using System.Numerics.Tensors;
using PocketSam.Models;
using PocketSam.Segmentation;
using PocketSam.Tensors;
using PocketSam.Training.Data;
using PocketSam.Training.Data.Scenes;
using PocketSam.Training.Optimization;
using Tensor = PocketSam.Tensors.Tensor;

namespace PocketSam.Training.Benchmarks;

/// <summary>Measures training steps, counted as three times the operations of the forward pass.</summary>
internal static class TrainingBenchmarks
{
    /// <summary>
    /// Side of the pictures in pixels, number of pictures, and largest number of masks of each, in the measured
    /// training step.
    /// </summary>
    private const int StepSize = 256, StepPictures = 8, StepMasks = 8;

    /// <summary>Number of tokens of a click or of a box.</summary>
    private const int PromptTokens = 2;

    /// <summary>Measures a training step, and steps of the image encoder alone.</summary>
    public static IEnumerable<Measurement> Steps(Meter meter)
    {
        yield return TrainingStep(meter, ModelZoo.Pocket);
        yield return EncoderStep(meter, ModelZoo.Pocket, size: 640, pictures: 4);
        yield return EncoderStep(meter, ModelZoo.VitT, size: 1024, pictures: 2);
        foreach (Measurement m in FrozenTeacherStep(meter, ModelZoo.DinoS))
            yield return m;
    }

    /// <summary>
    /// Forward and backward pass of a batch with one correction round, without data loading and optimiser.
    /// </summary>
    private static Measurement TrainingStep(Meter meter, SamConfig config)
    {
        SamModel model = SamModel.Create(config, seed: 1);
        model.State.SetTraining(true);
        var mix = new SourceMix([(new SceneGenerator(new SceneOptions()), 1)], new AugmentationOptions());
        TrainingSample[] samples =
        [
            .. Enumerable.Range(1, StepPictures).Select(i => TrainingSample.From(
                mix.Draw((ulong)i, StepSize), StepSize, StepMasks, (ulong)i)),
        ];
        int prompts = samples.Sum(s => 2 * s.Coverage.Length);
        double forward = StepPictures * Flops.Encoder(config, StepSize)
            + prompts * (Flops.Decoder(config, StepSize, PromptTokens) + Flops.Decoder(config, StepSize, PromptTokens + 1));
        var step = new MaskBatch(model);
        var optimizer = new Optimizer(model.State, new OptimizerOptions());
        return meter.Measure(
            $"training step, {config.Name} at {StepSize}, {StepPictures} pictures, {prompts} prompts", 3 * 2 * forward, () =>
            {
                step.Run(samples, StepSize, rounds: 1, MaskLossOptions.Default, seed: 1);
                optimizer.ClearGradients();
            });
    }

    /// <summary>
    /// A step of a teacher with a frozen transformer in two parts: the encoder, of which only the neck and
    /// high-resolution features learn, and the prompts, forward and backward.
    /// </summary>
    private static IEnumerable<Measurement> FrozenTeacherStep(Meter meter, SamConfig config)
    {
        const int Pictures = 2, Masks = 6;
        SamModel model = SamModel.Create(config, seed: 1);
        model.State.SetTraining(
            entry => !entry.Key.StartsWith("image_encoder.", StringComparison.Ordinal)
                || entry.Key.Contains(".neck.", StringComparison.Ordinal) || entry.Key.Contains(".high_res.", StringComparison.Ordinal),
            batchStatistics: true);
        int size = config.ImageSize;
        var mix = new SourceMix([(new SceneGenerator(new SceneOptions()), 1)], new AugmentationOptions());
        TrainingSample[] samples =
        [
            .. Enumerable.Range(1, Pictures).Select(i => TrainingSample.From(
                mix.Draw((ulong)i, size, config.Encoder.SideMultiple), size, Masks, (ulong)i)),
        ];
        int prompts = samples.Sum(s => 2 * s.Coverage.Length);
        var step = new MaskBatch(model);
        var optimizer = new Optimizer(model.State, new OptimizerOptions());
        Measurement encoder = meter.Measure(
            $"frozen teacher's encoder, forward, {config.Name} at {size}, {Pictures} pictures",
            2.0 * Pictures * Flops.Encoder(config, size), () =>
            {
                using Tape tape = Tape.Record();
                model.ImageEncoder.Forward(ImagePreparation.Normalize([.. samples.Select(s => s.Image)], size, config.Encoder));
            });
        yield return encoder;
        Measurement whole = meter.Measure(
            $"frozen teacher's whole step, {prompts} prompts", 0, () =>
            {
                step.Run(samples, size, rounds: 1, MaskLossOptions.Default, seed: 1);
                optimizer.ClearGradients();
            });
        yield return whole;
        double gflop = 3 * 2e-9 * prompts
            * (Flops.Decoder(config, size, PromptTokens) + Flops.Decoder(config, size, PromptTokens + 1));
        double milliseconds = whole.MedianMs - encoder.MedianMs;
        yield return new Measurement(
            "of it prompts, forward and backward, neck and features", whole.Threads, milliseconds, gflop,
            1000 * gflop / milliseconds / meter.Peak, whole.AllocatedMb - encoder.AllocatedMb);
    }

    /// <summary>
    /// Forward and backward pass of the image encoder alone with the optimiser, with the mean squared error of an
    /// embedding as the loss: a step of distillation on cached embeddings.
    /// </summary>
    private static unsafe Measurement EncoderStep(Meter meter, SamConfig config, int size, int pictures)
    {
        SamModel model = SamModel.Create(config, seed: 1);
        model.State.SetTraining(true);
        int side = size / SamConfig.EmbeddingStride, count = pictures * side * side * config.FeatureChannels;
        float[] target = Values.Random(count);
        RgbImage[] images = [.. Enumerable.Range(0, pictures).Select(_ => new RgbImage(size, size, new byte[size * size * 3]))];
        var optimizer = new Optimizer(model.State, new OptimizerOptions());
        return meter.Measure(
            $"encoder step, {config.Name} at {size}, {pictures} pictures",
            3 * 2 * (double)pictures * Flops.Encoder(config, size), () =>
            {
                using Tape tape = Tape.Record();
                Tensor embedding = model.ImageEncoder.Forward(
                    ImagePreparation.Normalize(images, size, config.Encoder), meter.Cancellation);
                var gradient = new Span<float>(Tape.GradientOf(embedding, out _), count);
                TensorPrimitives.Subtract(embedding.Span, target, gradient);
                TensorPrimitives.Multiply(gradient, 2f / count, gradient);
                tape.Backward();
                optimizer.Step(1e-4f);
            });
    }
}
