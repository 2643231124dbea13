using PocketSam.Kernels;
using PocketSam.Models;
using PocketSam.Training.Data;
using PocketSam.Training.Data.Effects;
using PocketSam.Training.Optimization;

namespace PocketSam.Training.FineTuning;

/// <summary>The learning of a fine-tuning: the decoder over kept embeddings, then all layers, as far as the time allows.</summary>
/// <param name="model">What learns.</param>
/// <param name="recipe">The numbers.</param>
/// <param name="seed">Chooses prompts and augmentation.</param>
/// <param name="clock">Says how much time is left, and is told.</param>
internal sealed class ModelTuning(SamModel model, TuningRecipe recipe, int seed, TuningClock clock)
{
    private readonly ulong _seed = RandomStream.Scramble((ulong)seed);

    /// <summary>What learns.</summary>
    public SamModel Model => model;

    /// <summary>Whether the image encoder is another one than at the beginning.</summary>
    public bool HasTunedEncoder { get; private set; }

    /// <summary>Learns from pictures.</summary>
    public void Run(TrainingPicture[] pictures)
    {
        if (recipe.WholeSteps > 0)
            TuneAll(pictures);
        if (recipe.DecoderSteps > 0)
            TuneDecoder(Encode(pictures));
    }

    /// <summary>Embeddings of all pictures, each as it is, mirrored, and augmented, as many as memory is kept for.</summary>
    private CachedView[] Encode(TrainingPicture[] pictures)
    {
        int size = model.Config.ImageSize, side = size / SamConfig.EmbeddingStride;
        long bytes = 2L * side * side * model.Config.FeatureChannels + 3L * size * size;
        int most = (int)Math.Clamp(recipe.Memory / bytes, 1, (long)pictures.Length * recipe.Views);
        var augmentations = new[] { AugmentationOptions.None, AugmentationOptions.None with { FlipProbability = 1 }, recipe.Augmentation }
            .Select(options => new Augmentation(options)).ToArray();
        var views = new List<CachedView>();
        double until = clock.Left * (1 - recipe.EncodingShare);
        for (int number = 0; number < most && (views.Count == 0 || clock.Left > until); number++)
        {
            clock.Tell(FineTuningPhase.Encoding, (double)number / most);
            clock.Cancellation.ThrowIfCancellationRequested();
            TrainingPicture picture = augmentations[Math.Min(number / pictures.Length, augmentations.Length - 1)].Apply(
                pictures[number % pictures.Length], size, RandomStream.Scramble(_seed + (ulong)number), model.Config.Encoder.SideMultiple);
            if (picture.Masks.Count > 0)
                views.Add(CachedView.Of(model, picture, size));
        }

        return [.. views];
    }

    private void TuneDecoder(CachedView[] views)
    {
        var step = new DecoderTuning(model, views, recipe);
        Learn(
            FineTuningPhase.Decoder, recipe.DecoderSteps, clock.Left, recipe.DecoderRate,
            [new KeyRate("image_encoder.*", 0), new KeyRate("prompt_encoder.*", 0)], batchStatistics: false, step.Run);
    }

    private void TuneAll(TrainingPicture[] pictures)
    {
        var mix = new SourceMix([(new PictureList(pictures), 1)], recipe.Augmentation);
        var batch = new MaskBatch(model);
        int size = model.Config.ImageSize;
        HasTunedEncoder = true;
        Learn(
            FineTuningPhase.AllLayers, recipe.WholeSteps, clock.Left * recipe.WholeShare, recipe.WholeRate,
            [new KeyRate("image_encoder.*", recipe.EncoderFactor)], batchStatistics: true, number =>
            {
                var samples = new TrainingSample[recipe.WholeBatch];
                Workers.For(samples.Length, i => samples[i] = TrainingSample.Draw(
                    mix, RandomStream.Scramble(number + (ulong)i), size, DecoderTuning.MasksPerPicture, model.Config.Encoder.SideMultiple));
                return batch.Run(samples, size, new RandomStream(number).Below(recipe.Rounds + 1), recipe.Loss, number);
            });
    }

    /// <summary>Steps until there are enough or the time is over; the rate rises, falls to the end of either, and the averages stay.</summary>
    private void Learn(
        FineTuningPhase phase, int steps, double seconds, float rate, KeyRate[] rates, bool batchStatistics, Func<ulong, MaskResult> run)
    {
        var options = new OptimizerOptions
        {
            Method = recipe.Method, LearningRate = rate, WeightDecay = recipe.WeightDecay, AverageDecay = recipe.AverageDecay, Rates = rates,
        };
        var optimizer = new Optimizer(model.State, options);
        double begun = clock.Left, way = 0;
        for (int step = 0; way < 1; step++)
        {
            clock.Tell(phase, way);
            clock.Cancellation.ThrowIfCancellationRequested();
            model.State.SetTraining(entry => options.RateOf(entry.Key) > 0, batchStatistics);
            MaskResult result = run(RandomStream.Scramble(_seed ^ RandomStream.Scramble((ulong)step + ((ulong)phase << 32))));
            float now = rate * Math.Min(1, (step + 1f) / recipe.Warmup)
                * (recipe.FinalRate + (1 - recipe.FinalRate) * 0.5f * (1 + MathF.Cos(MathF.PI * (float)way)));
            if (!double.IsFinite(result.Loss))
                throw new TrainingDivergedException("the loss", step + 1, now);
            if (!float.IsFinite(optimizer.Step(now)))
                throw new TrainingDivergedException("the gradient", step + 1, now);
            way = Math.Max((step + 1.0) / steps, (begun - clock.Left) / Math.Max(1e-3, seconds));
        }

        optimizer.SwapAverages();
        model.State.SetTraining(false);
    }

    /// <summary>Pictures that are in memory.</summary>
    private sealed class PictureList(TrainingPicture[] pictures) : ITrainingSource
    {
        public string Name => "labelled pictures";

        public TrainingPicture Draw(ulong seed) => pictures[(int)(seed % (ulong)pictures.Length)];
    }
}
