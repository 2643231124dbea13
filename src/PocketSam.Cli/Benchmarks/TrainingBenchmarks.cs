using System.Numerics.Tensors;
using PocketSam.Models;
using PocketSam.Tensors;
using PocketSam.Training.Data;
using PocketSam.Training.Data.Scenes;
using PocketSam.Training.Optimization;
using Tensor = PocketSam.Tensors.Tensor;

namespace PocketSam.Cli.Benchmarks;

/// <summary>Steps of trainings, counted as three times the forward operations.</summary>
internal static class TrainingBenchmarks
{
    /// <summary>Side of the picture, pictures and most masks of each in the measured training step.</summary>
    private const int StepSize = 256, StepPictures = 8, StepMasks = 8;

    /// <summary>Tokens of a click or of a box.</summary>
    private const int PromptTokens = 2;

    /// <summary>A step of training, and of the image encoder alone.</summary>
    public static IEnumerable<Measurement> Steps(Meter meter)
    {
        yield return TrainingStep(meter, ModelZoo.Pocket);
        yield return EncoderStep(meter, ModelZoo.Pocket, size: 640, pictures: 4);
        yield return EncoderStep(meter, ModelZoo.VitT, size: 1024, pictures: 2);
    }

    /// <summary>Forward and backward of a batch with one round of correction; data and optimiser are not part of it.</summary>
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
        var step = new TrainingStep(model);
        var optimizer = new Optimizer(model.State, new OptimizerOptions());
        return meter.Measure(
            $"training step, {config.Name} at {StepSize}, {StepPictures} pictures, {prompts} prompts", 3 * 2 * forward, () =>
            {
                step.Run(samples, StepSize, rounds: 1, MaskLossOptions.Start, seed: 1);
                optimizer.ClearGradients();
            });
    }

    /// <summary>
    /// Forward and backward of the image encoder alone and the optimiser, with the mean squared error of an embedding as
    /// the loss: a step of distillation on cached embeddings.
    /// </summary>
    private static unsafe Measurement EncoderStep(Meter meter, SamConfig config, int size, int pictures)
    {
        SamModel model = SamModel.Create(config, seed: 1);
        model.State.SetTraining(true);
        int side = size / SamConfig.EmbeddingStride, count = pictures * side * side * config.PromptEmbedDim;
        float[] pixels = Values.Random(pictures * size * size * 3), target = Values.Random(count);
        var optimizer = new Optimizer(model.State, new OptimizerOptions());
        return meter.Measure(
            $"encoder step, {config.Name} at {size}, {pictures} pictures",
            3 * 2 * (double)pictures * Flops.Encoder(config, size), () =>
            {
                using Tape tape = Tape.Record();
                Tensor input = Tape.New([pictures, size, size, 3]);
                pixels.CopyTo(input.Span);
                Tensor embedding = model.ImageEncoder.Forward(input, meter.Cancellation);
                var gradient = new Span<float>(Tape.GradientOf(embedding, out _), count);
                TensorPrimitives.Subtract(embedding.Span, target, gradient);
                TensorPrimitives.Multiply(gradient, 2f / count, gradient);
                tape.Backward();
                optimizer.Step(1e-4f);
            });
    }
}
