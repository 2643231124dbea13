using PocketSam.Kernels;
using PocketSam.Models;
using PocketSam.Training.Data;

namespace PocketSam.Training.FineTuning;

/// <summary>
/// Makes a model better for the pictures of one purpose, from a few dozen of them whose objects are marked: some are kept back and
/// measured on before and after, from the others it is learned which of a click's masks is shown first, then all layers learn.
/// </summary>
public sealed class FineTuner
{
    /// <summary>Fewer pictures with objects are not enough.</summary>
    public const int LeastPictures = KeptBack.LeastPictures;

    /// <summary>Most objects of a picture that are learned from.</summary>
    private const int MostObjects = 100;

    private readonly Sam _sam;
    private readonly PictureReader _reader;
    private readonly FineTuningOptions _options;

    /// <param name="sam">The model to begin with; it stays as it is.</param>
    /// <param name="reader">Decodes pictures.</param>
    /// <param name="options">How it is done; null for the defaults.</param>
    /// <exception cref="ArgumentException">An option is out of its range, or the model is computed elsewhere and has no weights here.</exception>
    public FineTuner(Sam sam, PictureReader reader, FineTuningOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(sam);
        ArgumentNullException.ThrowIfNull(reader);
        if (sam.Model.ImageEncoder is BackendImageEncoder || sam.Model.PromptDecoder is BackendMaskDecoder)
            throw new ArgumentException($"{sam.Name} is computed elsewhere: there are no weights here to tune", nameof(sam));
        (_sam, _reader, _options) = (sam, reader, options ?? new FineTuningOptions());
        _options.Validate();
    }

    /// <summary>The numbers of the training.</summary>
    internal TuningRecipe Recipe { get; init; } = new();

    /// <summary>Tunes a copy of the model and measures both.</summary>
    /// <param name="pictures">
    /// The pictures; those without masks do not count. At least <see cref="LeastPictures"/>; about a quarter is kept back.
    /// </param>
    /// <param name="progress">Told how far it is, from the thread that calls.</param>
    /// <param name="cancellation">Looked at before each picture and each step.</param>
    /// <exception cref="ArgumentException">There are too few pictures with masks.</exception>
    /// <exception cref="DataFormatException">A picture is of another size than its masks.</exception>
    /// <exception cref="IOException">A picture cannot be read.</exception>
    /// <exception cref="Optimization.TrainingDivergedException">Loss or gradient are not finite.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public FineTuningResult Run(
        IReadOnlyList<FineTuningPicture> pictures, IProgress<FineTuningProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(pictures);
        FineTuningPicture[] usable = [.. pictures.Select(WithObjects).Where(picture => picture.Masks.Count > 0)];
        if (usable.Length < LeastPictures)
        {
            throw new ArgumentException(
                $"{usable.Length} pictures with objects are too few to learn from and to measure on: {LeastPictures} are needed");
        }

        (FineTuningPicture[] learned, FineTuningPicture[] kept) = KeptBack.Split(usable);
        using Workers.Scope threads = Workers.Limit(_options.Threads ?? Workers.Count);
        var clock = new TuningClock(_options.Time, progress, cancellation);
        var measure = new KeptBackMeasure(_reader, kept);
        IReadOnlyList<KeptBackMeasure.Found[]> before = measure.Run(_sam, FineTuningPhase.MeasuringBefore, clock);
        double measuring = clock.Elapsed;
        TrainingPicture[] read = [.. learned.Select(picture => Read(picture, clock))];

        // Measured are the choice among the masks for ambiguous prompts, which then is shown first, and all layers, of which the mask that learned from lone clicks is.
        clock.Reserve(2 * measuring);
        SamModel model = CopyOf(_sam);
        var tuning = new ModelTuning(model, Recipe, _options.Seed, clock);
        tuning.TuneChoice(read);
        Candidate best = Measure(hasTunedEncoder: false, FirstMask.BestOfMulti);
        if (Recipe.Epochs > 0 && clock.Left > 0)
        {
            model = CopyOf(_sam);
            tuning = new ModelTuning(model, Recipe, _options.Seed, clock);
            tuning.TuneAll(read, clock.Left);
            if (Measure(hasTunedEncoder: true, FirstMask.Single) is var candidate && candidate.Value > best.Value)
                best = candidate;
        }

        clock.End();
        return new FineTuningResult(best.Checkpoint, best.Sam, KeptBackMeasure.FiguresOf(before), KeptBackMeasure.FiguresOf(best.Found))
        {
            Learned = learned.Length,
            Objects = before.Sum(found => found.Length),
            Pictures = [.. kept.Select((picture, i) => Compare(picture, before[i], best.Found[i]))],
        };

        Candidate Measure(bool hasTunedEncoder, FirstMask firstMask)
        {
            Checkpoint checkpoint = TunedCheckpoint.Of(model, _sam, hasTunedEncoder, firstMask);
            Sam tuned = Sam.FromCheckpoint(checkpoint, _sam.Name);
            return new Candidate(checkpoint, tuned, measure.Run(tuned, FineTuningPhase.MeasuringAfter, clock));
        }
    }

    /// <summary>A picture to learn from, no larger than a model can use.</summary>
    private TrainingPicture Read(FineTuningPicture picture, TuningClock clock)
    {
        clock.Tell(FineTuningPhase.Reading);
        clock.Cancellation.ThrowIfCancellationRequested();
        var read = new TrainingPicture(
            KeptBackMeasure.PictureOf(picture, _reader), [.. picture.Masks.Take(MostObjects).Select(mask => mask.ToMask())]);
        int largest = (int)(_sam.Config.ImageSize / Recipe.Augmentation.MinScale);
        return Math.Max(read.Image.Width, read.Image.Height) <= largest
            ? read : new Augmentation(AugmentationOptions.None).Apply(read, largest, seed: 0);
    }

    /// <summary>A picture without the masks that hold nothing.</summary>
    private static FineTuningPicture WithObjects(FineTuningPicture picture)
        => picture.Masks.All(mask => mask.Area > 0) ? picture : picture with { Masks = [.. picture.Masks.Where(mask => mask.Area > 0)] };

    private static SamModel CopyOf(Sam sam) => SamModel.FromCheckpoint(
        new Checkpoint(sam.Name, sam.Model.State.ToStored(DataType.Float32).ToDictionary(), sam.Model.Metadata()));

    private static FineTuningComparison Compare(FineTuningPicture picture, KeptBackMeasure.Found[] before, KeptBackMeasure.Found[] after)
        => new(picture, Mean(before), Mean(after))
        {
            Clicks = [.. before.Select(found => found.Point)],
            Masks = [.. before.Zip(after, (was, now) => (was.Truth, was.Mask, now.Mask))],
        };

    private static double Mean(KeptBackMeasure.Found[] found) => found.Average(one => (one.Box + one.Click) / 2);

    /// <summary>A tuned model and what it found in the pictures that were kept back.</summary>
    private sealed record Candidate(Checkpoint Checkpoint, Sam Sam, IReadOnlyList<KeptBackMeasure.Found[]> Found)
    {
        /// <summary>Both figures together.</summary>
        public double Value { get; } = KeptBackMeasure.FiguresOf(Found) is { } figures ? figures.Box + figures.Click : 0;
    }
}
