using System.Numerics.Tensors;
using PocketSam.Kernels;
using PocketSam.Models;
using PocketSam.Training.Data;
using PocketSam.Training.Data.Effects;
using PocketSam.Training.Optimization;

namespace PocketSam.Training.FineTuning;

/// <summary>The learning of a fine-tuning.</summary>
/// <param name="model">What learns.</param>
/// <param name="recipe">The numbers.</param>
/// <param name="seed">Chooses prompts and augmentation.</param>
/// <param name="clock">Says how much time is left, and is told.</param>
internal sealed class ModelTuning(SamModel model, TuningRecipe recipe, int seed, TuningClock clock)
{
    /// <summary>Most masks of a picture in a step.</summary>
    private const int MasksPerPicture = 8;

    /// <summary>What the predicted IoU comes from: it is the first thing that a few pictures spoil, so it stays.</summary>
    private static readonly KeyRate PredictedIou = new("mask_decoder.iou_*", 0);

    /// <summary>
    /// A vision transformer that has seen many more pictures than there are here: it stays, and what reads its tokens learns, which also
    /// spares most of a step.
    /// </summary>
    private static readonly KeyRate[] VisionTransformer =
    [
        new("image_encoder.patch_embed.*", 0), new("image_encoder.cls_token", 0), new("image_encoder.register_tokens", 0),
        new("image_encoder.pos_embed", 0), new("image_encoder.blocks.*", 0), new("image_encoder.norm.*", 0),
    ];

    /// <summary>The share of the time that is left that a fit of the choice may take.</summary>
    private const double ChoiceShare = 0.2;

    private readonly ulong _seed = RandomStream.Scramble((ulong)seed);

    /// <summary>Fits which mask is shown first.</summary>
    public void TuneChoice(TrainingPicture[] pictures)
    {
        double least = clock.Left * (1 - ChoiceShare);
        MaskChoiceFit.Run(model, pictures, number =>
        {
            clock.Tell(FineTuningPhase.Choosing);
            clock.Cancellation.ThrowIfCancellationRequested();
            return number >= KeptBack.LeastPictures && clock.Left < least;
        });
    }

    /// <summary>
    /// Trainings of all layers, until there were enough or the time is over; the weights become a mean of those of the beginning and those
    /// that the trainings ended with.
    /// </summary>
    /// <param name="pictures">What is learned from.</param>
    /// <param name="seconds">The time.</param>
    public void TuneAll(TrainingPicture[] pictures, double seconds)
    {
        float[][] before = [.. model.State.Entries.Select(entry => entry.Weight.ToArray())];
        float[][] sum = [.. before.Select(weights => new float[weights.Length])];
        double until = clock.Left - seconds;
        int done = 0;
        double longest = 0;
        for (; done < recipe.Trainings && (done == 0 || clock.Left - until > longest / 2); done++)
        {
            Set(entry => before[entry]);
            double begun = clock.Left;
            Train(pictures, RandomStream.Scramble(_seed + (ulong)done), clock.Left - until);
            longest = Math.Max(longest, begun - clock.Left);
            for (int i = 0; i < sum.Length; i++)
                TensorPrimitives.Add(sum[i], model.State.Entries[i].Weight.Span, sum[i]);
        }

        Set(entry =>
        {
            for (int i = 0; i < sum[entry].Length; i++)
                sum[entry][i] = before[entry][i] + recipe.Distance * (sum[entry][i] / done - before[entry][i]);
            return sum[entry];
        });

        void Set(Func<int, float[]> weights)
        {
            for (int i = 0; i < before.Length; i++)
            {
                weights(i).CopyTo(model.State.Entries[i].Weight.Span);
                model.State.Entries[i].Weight.Changed();
            }
        }
    }

    /// <summary>Steps of all layers, until there are enough or the time is over; the rate falls to the end of either.</summary>
    private void Train(TrainingPicture[] pictures, ulong seed, double seconds)
    {
        int size = model.Config.ImageSize, steps = Math.Max(recipe.LeastSteps, recipe.Epochs * pictures.Length / recipe.BatchSize);
        var mix = new SourceMix([(new PictureList(pictures), 1)], recipe.Augmentation);
        var batch = new MaskBatch(model);
        var options = new OptimizerOptions { LearningRate = recipe.LearningRate, WeightDecay = 0.01f, AverageDecay = 0.95f, Rates = Rates() };
        MaskLossOptions loss = MaskLossOptions.Default with { SingleMaskFirst = true };
        var optimizer = new Optimizer(model.State, options);
        double begun = clock.Left, way = 0;
        for (int step = 0; way < 1; step++)
        {
            clock.Tell(FineTuningPhase.AllLayers);
            clock.Cancellation.ThrowIfCancellationRequested();
            ulong number = RandomStream.Scramble(seed ^ RandomStream.Scramble((ulong)step));
            var samples = new TrainingSample[recipe.BatchSize];
            Workers.For(samples.Length, i => samples[i] = TrainingSample.Draw(
                mix, RandomStream.Scramble(number + (ulong)i), size, MasksPerPicture, model.Config.Encoder.SideMultiple));
            model.State.SetTraining(entry => options.RateOf(entry.Key) > 0, batchStatistics: true);
            MaskResult result = batch.Run(samples, size, new RandomStream(number).Below(recipe.CorrectionRounds + 1), loss, number);
            float rate = RateAt(step, way);
            if (!double.IsFinite(result.Loss))
                throw new TrainingDivergedException("the loss", step + 1, rate);
            if (!float.IsFinite(optimizer.Step(rate)))
                throw new TrainingDivergedException("the gradient", step + 1, rate);
            way = Math.Max((step + 1.0) / steps, (begun - clock.Left) / Math.Max(1e-3, seconds));
        }

        optimizer.SwapAverages();
        model.State.SetTraining(false);
    }

    private KeyRate[] Rates() => model.Config.Encoder is TinyVitConfig ? [PredictedIou] : [PredictedIou, .. VisionTransformer];

    /// <summary>A linear rise, then half a cosine.</summary>
    private float RateAt(int step, double way)
        => recipe.LearningRate * Math.Min(1, (step + 1f) / recipe.WarmupSteps)
            * (recipe.FinalRate + (1 - recipe.FinalRate) * 0.5f * (1 + MathF.Cos(MathF.PI * (float)way)));

    /// <summary>Pictures that are in memory.</summary>
    private sealed class PictureList(TrainingPicture[] pictures) : ITrainingSource
    {
        public string Name => "labelled pictures";

        public TrainingPicture Draw(ulong seed) => pictures[(int)(seed % (ulong)pictures.Length)];
    }
}
