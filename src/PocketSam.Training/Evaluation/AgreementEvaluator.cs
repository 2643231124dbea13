using PocketSam.Kernels;
using PocketSam.Training.Data.Effects;

namespace PocketSam.Training.Evaluation;

/// <summary>
/// Measures how far the masks of a student agree with those of its teacher. Both models encode each picture at their
/// own input size and get the same prompts; the IoU of their two masks, at the picture's size, is averaged over all
/// prompts. The masks of the data set only determine the prompts.
/// </summary>
/// <remarks>
/// The measure of MobileSAM (Zhang et al., arXiv:2306.14289), where the mask of the original SAM is the ground truth.
/// If both masks are empty, the IoU is 1. Crowds are skipped.
/// </remarks>
public sealed class AgreementEvaluator
{
    /// <summary>The name of the measure in <see cref="PictureMeasure{TReport}.Facts"/>.</summary>
    public const string MeasureName = "agreement";

    private const string TeacherName = "teacher", Ranked = "/first ranked";

    private readonly Sam _student;
    private readonly Sam _teacher;
    private readonly PictureReader _reader;
    private readonly AgreementOptions _options;

    /// <summary>Creates a comparison of two models.</summary>
    /// <param name="student">The model to measure.</param>
    /// <param name="teacher">The model whose masks are the ground truth.</param>
    /// <param name="reader">Decodes the data set's pictures.</param>
    /// <param name="options">The options; null for the defaults.</param>
    /// <exception cref="ArgumentException">An option is out of range, or an encoder has no position embeddings for the
    /// input size.</exception>
    public AgreementEvaluator(Sam student, Sam teacher, PictureReader reader, AgreementOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(student);
        ArgumentNullException.ThrowIfNull(teacher);
        ArgumentNullException.ThrowIfNull(reader);
        (_student, _teacher, _reader) = (student, teacher, reader);
        _options = options ?? new AgreementOptions();
        _options.Validate(student.Config, teacher.Config);
    }

    /// <summary>
    /// Runs over a data set, picture by picture. The result does not depend on the number of threads.
    /// </summary>
    /// <param name="data">Pictures and their masks.</param>
    /// <param name="progress">Reports each picture.</param>
    /// <param name="cancellation">Checked while pictures are encoded and before each batch of prompts.</param>
    /// <exception cref="DataFormatException">A picture is missing or has another size than stated, or there is no mask
    /// to measure.</exception>
    /// <exception cref="IOException">A picture cannot be read.</exception>
    /// <exception cref="OperationCanceledException">The run is cancelled.</exception>
    public AgreementReport Run(
        CocoDataset data, IProgress<EvaluationProgress>? progress = null, CancellationToken cancellation = default)
        => On(data).Run(progress, cancellation);

    /// <summary>Creates the comparison on a data set, whose pictures several processes can share.</summary>
    /// <param name="data">Pictures and their masks.</param>
    public PictureMeasure<AgreementReport> On(CocoDataset data)
    {
        ArgumentNullException.ThrowIfNull(data);
        Dictionary<string, string> facts = MeasureFacts.Of(MeasureName, _student.Name, data.Path);
        facts[TeacherName] = _teacher.Name;
        facts[MeasureFacts.Protocols] = string.Join(',', _options.Protocols.Select(protocol => protocol.Name));
        return new EvaluationLoop(_reader, _options.MinArea, _options.MaxMasks, _options.Failures).Over(
            data, facts,
            (image, picture, truths, _, cancellation) =>
            {
                var values = new Dictionary<string, double[]>();
                using ImageEmbedding student = _student.Encode(picture, _options.ImageSize, cancellation);
                using ImageEmbedding teacher = _teacher.Encode(picture, _options.TeacherImageSize, cancellation);
                var clicks = new Click[truths.Length];
                Workers.For(truths.Length, i => clicks[i] = ClickSimulator.First(truths[i])!.Value);
                foreach (AgreementProtocol protocol in _options.Protocols)
                {
                    Prompt[] prompts =
                        [.. truths.Select((truth, i) => PromptFor(protocol, truth, clicks[i], image.Id)).OfType<Prompt>()];
                    values[protocol.Name] = Compare(student, teacher, prompts, multimask: false, cancellation);
                    if (protocol == AgreementProtocol.Click)
                        values[protocol.Name + Ranked] = Compare(student, teacher, prompts, multimask: true, cancellation);
                }

                return values;
            },
            (records, _) => Report(facts, records));
    }

    /// <summary>Makes the report from the records of all pictures, as measured by <see cref="On"/>.</summary>
    /// <param name="facts">The settings of the measure (<see cref="PictureMeasure{TReport}.Facts"/>).</param>
    /// <param name="records">The records of the pictures, in the order of the data set.</param>
    /// <exception cref="DataFormatException">A value is missing or not from 0 to 1.</exception>
    public static AgreementReport Report(IReadOnlyDictionary<string, string> facts, IReadOnlyList<PictureRecord> records)
    {
        ArgumentNullException.ThrowIfNull(facts);
        ArgumentNullException.ThrowIfNull(records);
        int masks = PictureRecord.MasksOf(facts, records);
        return new AgreementReport(
            facts.Fact(MeasureFacts.Model), facts.Fact(TeacherName), facts.Fact(MeasureFacts.Data), records.Count(record => record.Count > 0), masks,
            facts.Fact(MeasureFacts.Protocols).Split(',').Distinct().ToDictionary(name => name, name =>
            {
                IouAccumulator single = PictureRecord.Gather(records, name);
                return new AgreementResult(
                    Mean(single), Mean(PictureRecord.Gather(records, name + Ranked)), single.Count, masks - single.Count);
            }));

        static double? Mean(IouAccumulator ious) => ious.Count > 0 ? ious.ToResult().MeanIou : null;
    }

    /// <summary>
    /// The prompt for an object; null if the protocol has none for it. A random draw depends only on the seed, the
    /// picture, the click and the distance, and not on the other objects.
    /// </summary>
    private Prompt? PromptFor(AgreementProtocol protocol, BinaryMask truth, Click click, long imageId)
    {
        if (protocol == AgreementProtocol.Box)
            return Prompt.Box(truth.Bounds);
        Prompt prompt = Prompt.Point(click.X, click.Y);
        if (protocol == AgreementProtocol.Click)
            return prompt;

        ulong seed = _options.Seed;
        foreach (long part in (ReadOnlySpan<long>)[imageId, click.X, click.Y, protocol.Distance])
            seed = RandomStream.Scramble(seed ^ (ulong)part);
        double scale = (double)AgreementProtocol.DistanceScale / Math.Max(truth.Width, truth.Height);
        return BackgroundPoint.Draw(truth, click, protocol.Distance / scale, seed) is { } background
            ? prompt.WithPoint(background.X, background.Y, background.IsForeground) : null;
    }

    private double[] Compare(
        ImageEmbedding student, ImageEmbedding teacher, Prompt[] prompts, bool multimask, CancellationToken cancellation)
    {
        IReadOnlyList<Prediction> predicted = _student.Predict(student, prompts, multimask, cancellation);
        IReadOnlyList<Prediction> expected = _teacher.Predict(teacher, prompts, multimask, cancellation);
        return [.. predicted.Zip(expected).Select(pair =>
        {
            BinaryMask a = pair.First.Best.Bits, b = pair.Second.Best.Bits;
            return a.Bounds.IsEmpty && b.Bounds.IsEmpty ? 1 : a.Iou(b);
        })];
    }
}
