using System.Numerics.Tensors;
using PocketSam.Kernels;
using PocketSam.Models;
using PocketSam.Training.Data;
using PocketSam.Training.Data.Effects;
using PocketSam.Training.Optimization;

namespace PocketSam.Training.FineTuning;

/// <summary>Trains the model of a fine-tuning.</summary>
/// <param name="model">The model; its weights are changed.</param>
/// <param name="recipe">The hyperparameters.</param>
/// <param name="seed">The seed for prompts and augmentation.</param>
/// <param name="clock">Gives the time left, and reports progress.</param>
internal sealed class ModelTuning(SamModel model, TuningRecipe recipe, int seed, TuningClock clock)
{
    /// <summary>Largest number of masks of a picture in a step.</summary>
    private const int MasksPerPicture = 8;

    /// <summary>
    /// The token and the head of the predicted IoU are frozen: trained on few pictures, the predicted IoU gets worse
    /// first.
    /// </summary>
    private static readonly KeyRate PredictedIou = new("mask_decoder.iou_*", 0);

    /// <summary>
    /// A vision transformer is frozen, because it is pretrained on many more pictures; the neck after it is trained.
    /// This also avoids most of the computation of a step.
    /// </summary>
    private static readonly KeyRate[] VisionTransformer =
    [
        new("image_encoder.patch_embed.*", 0), new("image_encoder.cls_token", 0), new("image_encoder.register_tokens", 0),
        new("image_encoder.pos_embed", 0), new("image_encoder.blocks.*", 0), new("image_encoder.norm.*", 0),
    ];

    /// <summary>Largest fraction of the time left for fitting the choice.</summary>
    private const double ChoiceShare = 0.2;

    private readonly ulong _seed = RandomStream.Scramble((ulong)seed);

    /// <summary>Fits the choice of the mask that is shown first.</summary>
    public void TuneChoice(TrainingPicture[] pictures)
    {
        double least = clock.Left * (1 - ChoiceShare);
        MaskChoiceFit.Run(model, pictures, number =>
        {
            clock.Report(FineTuningPhase.Choosing);
            clock.Cancellation.ThrowIfCancellationRequested();
            return number >= HeldOut.LeastPictures && clock.Left < least;
        });
    }

    /// <summary>
    /// Trains all layers several times from the same initial weights, until the number of the recipe is reached or the
    /// time is over. The weights are then interpolated between the initial ones and the mean of the trained ones.
    /// </summary>
    /// <param name="pictures">The training pictures.</param>
    /// <param name="seconds">The time for all trainings, in seconds.</param>
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

    /// <summary>
    /// Trains all layers until the number of steps is reached or the time is over. The learning rate falls with
    /// whichever is farther.
    /// </summary>
    private void Train(TrainingPicture[] pictures, ulong seed, double seconds)
    {
        int size = model.Config.ImageSize, steps = Math.Max(recipe.LeastSteps, recipe.Epochs * pictures.Length / recipe.BatchSize);
        var mix = new SourceMix([(new PictureList(pictures), 1)], recipe.Augmentation);
        var batch = new MaskBatch(model);
        var options = new OptimizerOptions { LearningRate = recipe.LearningRate, WeightDecay = 0.01f, AverageDecay = 0.95f, Rates = Rates() };
        MaskLossOptions loss = MaskLossOptions.Default with { SingleMaskFirst = true };
        var optimizer = new Optimizer(model.State, options);
        double begun = clock.Left, done = 0;
        for (int step = 0; done < 1; step++)
        {
            clock.Report(FineTuningPhase.AllLayers);
            clock.Cancellation.ThrowIfCancellationRequested();
            ulong number = RandomStream.Scramble(seed ^ RandomStream.Scramble((ulong)step));
            var samples = new TrainingSample[recipe.BatchSize];
            Workers.For(samples.Length, i => samples[i] = TrainingSample.Draw(
                mix, RandomStream.Scramble(number + (ulong)i), size, MasksPerPicture, model.Config.Encoder.SideMultiple));
            model.State.SetTraining(entry => options.RateOf(entry.Key) > 0, batchStatistics: true);
            MaskResult result = batch.Run(samples, size, new RandomStream(number).Below(recipe.CorrectionRounds + 1), loss, number);
            float rate = RateAt(step, done);
            if (!double.IsFinite(result.Loss))
                throw new TrainingDivergedException("the loss", step + 1, rate);
            if (!float.IsFinite(optimizer.Step(rate)))
                throw new TrainingDivergedException("the gradient", step + 1, rate);
            done = Math.Max((step + 1.0) / steps, (begun - clock.Left) / Math.Max(1e-3, seconds));
        }

        optimizer.SwapAverages();
        model.State.SetTraining(false);
    }

    private KeyRate[] Rates() => model.Config.Encoder is TinyVitConfig ? [PredictedIou] : [PredictedIou, .. VisionTransformer];

    /// <summary>
    /// The learning rate of a step: a linear warm-up times half a cosine over the fraction done, 0 to 1.
    /// </summary>
    private float RateAt(int step, double done)
        => recipe.LearningRate * Math.Min(1, (step + 1f) / recipe.WarmupSteps)
            * (recipe.FinalRate + (1 - recipe.FinalRate) * 0.5f * (1 + MathF.Cos(MathF.PI * (float)done)));

    /// <summary>The training pictures in memory.</summary>
    private sealed class PictureList(TrainingPicture[] pictures) : ITrainingSource
    {
        public string Name => "labelled pictures";

        public TrainingPicture Draw(ulong seed) => pictures[(int)(seed % (ulong)pictures.Length)];
    }
}
