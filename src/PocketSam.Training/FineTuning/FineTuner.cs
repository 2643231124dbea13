using PocketSam.Kernels;
using PocketSam.Models;
using PocketSam.Training.Data;

namespace PocketSam.Training.FineTuning;

/// <summary>
/// Fine-tunes a model on a few dozen annotated pictures of one kind. About a quarter of the pictures is held out to
/// measure the model before and after. On the others, two tuned models are trained: one with another choice of the mask
/// that is shown first for a click, and one with all layers trained. The model with the best figures is the result.
/// </summary>
public sealed class FineTuner
{
    /// <summary>Least number of pictures with objects.</summary>
    public const int LeastPictures = HeldOut.LeastPictures;

    /// <summary>Largest number of objects of a picture in training.</summary>
    private const int MostObjects = 100;

    private readonly Sam _sam;
    private readonly PictureReader _reader;
    private readonly FineTuningOptions _options;

    /// <param name="sam">The model to fine-tune; it is not changed.</param>
    /// <param name="reader">Decodes the pictures.</param>
    /// <param name="options">The options; null for the defaults.</param>
    /// <exception cref="ArgumentException">
    /// An option is out of range, or the model runs in another backend and has no weights here.
    /// </exception>
    public FineTuner(Sam sam, PictureReader reader, FineTuningOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(sam);
        ArgumentNullException.ThrowIfNull(reader);
        if (sam.Model.ImageEncoder is BackendImageEncoder || sam.Model.PromptDecoder is BackendMaskDecoder)
            throw new ArgumentException($"{sam.Name} is computed elsewhere: there are no weights here to tune", nameof(sam));
        (_sam, _reader, _options) = (sam, reader, options ?? new FineTuningOptions());
        _options.Validate();
    }

    /// <summary>The hyperparameters of the training.</summary>
    internal TuningRecipe Recipe { get; init; } = new();

    /// <summary>Fine-tunes copies of the model, and measures them.</summary>
    /// <param name="pictures">
    /// The pictures with their masks; pictures without masks are ignored. At least <see cref="LeastPictures"/>.
    /// </param>
    /// <param name="progress">Reports progress, on the calling thread.</param>
    /// <param name="cancellation">Checked before each picture and each step.</param>
    /// <exception cref="ArgumentException">There are too few pictures with masks.</exception>
    /// <exception cref="DataFormatException">A picture has another size than its masks.</exception>
    /// <exception cref="IOException">A picture cannot be read.</exception>
    /// <exception cref="Optimization.TrainingDivergedException">The loss or the gradient is not finite.</exception>
    /// <exception cref="OperationCanceledException">The run is cancelled.</exception>
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

        (FineTuningPicture[] training, FineTuningPicture[] heldOut) = HeldOut.Split(usable);
        using Workers.Scope threads = Workers.Limit(_options.Threads ?? Workers.Count);
        var clock = new TuningClock(_options.Time, progress, cancellation);
        var measure = new HeldOutMeasure(_reader, heldOut);
        IReadOnlyList<HeldOutMeasure.Found[]> before = measure.Run(_sam, FineTuningPhase.MeasuringBefore, clock);
        double measuringSeconds = clock.Elapsed;
        TrainingPicture[] read = [.. training.Select(picture => Read(picture, clock))];

        // Measured after training: the model with the fitted choice, which shows one of the three masks first, and the
        // model with all layers trained, which shows the mask for unambiguous prompts first.
        clock.Reserve(2 * measuringSeconds);
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
        return new FineTuningResult(best.Checkpoint, best.Sam, HeldOutMeasure.FiguresOf(before), HeldOutMeasure.FiguresOf(best.Found))
        {
            Learned = training.Length,
            Objects = before.Sum(found => found.Length),
            Pictures = [.. heldOut.Select((picture, i) => Compare(picture, before[i], best.Found[i]))],
        };

        Candidate Measure(bool hasTunedEncoder, FirstMask firstMask)
        {
            Checkpoint checkpoint = TunedCheckpoint.Of(model, _sam, hasTunedEncoder, firstMask);
            Sam tuned = Sam.FromCheckpoint(checkpoint, _sam.Name);
            return new Candidate(checkpoint, tuned, measure.Run(tuned, FineTuningPhase.MeasuringAfter, clock));
        }
    }

    /// <summary>Reads a training picture, reduced to the largest size that crops of the augmentation need.</summary>
    private TrainingPicture Read(FineTuningPicture picture, TuningClock clock)
    {
        clock.Report(FineTuningPhase.Reading);
        clock.Cancellation.ThrowIfCancellationRequested();
        var read = new TrainingPicture(
            HeldOutMeasure.PictureOf(picture, _reader), [.. picture.Masks.Take(MostObjects).Select(mask => mask.ToMask())]);
        int largest = (int)(_sam.Config.ImageSize / Recipe.Augmentation.MinScale);
        return Math.Max(read.Image.Width, read.Image.Height) <= largest
            ? read : new Augmentation(AugmentationOptions.None).Apply(read, largest, seed: 0);
    }

    /// <summary>The picture without its empty masks.</summary>
    private static FineTuningPicture WithObjects(FineTuningPicture picture)
        => picture.Masks.All(mask => mask.Area > 0) ? picture : picture with { Masks = [.. picture.Masks.Where(mask => mask.Area > 0)] };

    private static SamModel CopyOf(Sam sam) => SamModel.FromCheckpoint(
        new Checkpoint(sam.Name, sam.Model.State.ToStored(DataType.Float32).ToDictionary(), sam.Model.Metadata()));

    private static FineTuningComparison Compare(FineTuningPicture picture, HeldOutMeasure.Found[] before, HeldOutMeasure.Found[] after)
        => new(picture, Mean(before), Mean(after))
        {
            Clicks = [.. before.Select(found => found.Point)],
            Masks = [.. before.Zip(after, (was, now) => (was.Truth, was.Mask, now.Mask))],
        };

    private static double Mean(HeldOutMeasure.Found[] found) => found.Average(one => (one.Box + one.Click) / 2);

    /// <summary>A tuned model, and its results on the held-out pictures.</summary>
    private sealed record Candidate(Checkpoint Checkpoint, Sam Sam, IReadOnlyList<HeldOutMeasure.Found[]> Found)
    {
        /// <summary>The sum of both figures.</summary>
        public double Value { get; } = HeldOutMeasure.FiguresOf(Found) is { } figures ? figures.Box + figures.Click : 0;
    }
}
