using System.Globalization;
using PocketSam.Kernels;

namespace PocketSam.Training.Evaluation;

/// <summary>
/// The number of actions that an annotator needs to reach an IoU (NoC@85, NoC@90): a box, then clicks where the mask is
/// wrong and, if clicks stop helping, strokes of a brush.
/// </summary>
/// <remarks>
/// The box is the bounding box of the ground truth. A click is at the pixel of the error region farthest from its edge,
/// the current mask is fed back, and the mask for unambiguous prompts is used (Sofiiuk et al., arXiv:2102.06583, except
/// for the box). An annotator with a brush stops clicking at the first click that raises the IoU by less than
/// <see cref="LeastGain"/>. If this click lowers the IoU, the annotator undoes it, which counts as no action. Then the
/// annotator paints: each stroke corrects the missing or the superfluous pixels within a circle around the pixel where
/// a click would be, whose radius is a quarter of the square root of the object's area. An IoU that is not reached
/// counts as the largest number of actions. Crowds are skipped.
/// </remarks>
public static class NocMeasure
{
    /// <summary>With a brush, a click that raises the IoU by less than this is the last one.</summary>
    internal const double LeastGain = 0.01;

    /// <summary>The IoU values to reach, ascending; annotators stop at the last.</summary>
    private static double[] Targets => PointMeasure.Targets;

    /// <summary>Numbers of actions for which the fraction of objects that reach the first target is reported.</summary>
    private static readonly int[] Moments = [1, 2, 3, 5, 10, 20];

    /// <summary>The two kinds of annotator, as named in rows and records.</summary>
    private const string ByClicks = "box and clicks", ByBrush = "brush too";

    /// <summary>Creates the measure of a model.</summary>
    /// <param name="sam">The model.</param>
    /// <param name="reader">Decodes the pictures.</param>
    /// <param name="data">Pictures and their masks.</param>
    /// <param name="options">
    /// The pictures and masks to measure; <see cref="MeasureOptions.Clicks"/> is the largest number of actions.
    /// </param>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public static PictureMeasure<MeasureReport> Of(Sam sam, PictureReader reader, CocoDataset data, MeasureOptions options)
    {
        ArgumentNullException.ThrowIfNull(sam);
        ArgumentNullException.ThrowIfNull(reader);
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        Dictionary<string, string> facts = MeasureFacts.Of("noc-" + MeasureFacts.Text(options.Clicks), sam.Name, data.Path);
        facts[MeasureFacts.Clicks] = MeasureFacts.Text(options.Clicks);
        return EvaluationLoop.Of(reader, options).Over(
            data, facts,
            (image, picture, truths, cases, cancellation) =>
            {
                using ImageEmbedding photo = sam.Encode(picture, options.ImageSize, cancellation);
                Annotation[] annotations = [.. truths.Select(truth => new Annotation(truth))];
                for (int action = 1; action <= options.Clicks; action++)
                {
                    // Painting precedes clicking, so that an annotator who stops clicking paints from the next action
                    // on.
                    int number = action;
                    Workers.For(annotations.Length, i => annotations[i].Paint(number));
                    Click(sam, photo, annotations, number, cancellation);
                }

                foreach (Annotation annotation in annotations)
                    cases.Add(annotation.Iou, () => annotation.ToCase(image.Path));
                var values = new Dictionary<string, double[]>();
                for (int t = 0; t < Targets.Length; t++)
                {
                    values[NameOf(ByClicks, t)] = [.. annotations.Select(annotation => annotation.ByClicks[t])];
                    values[NameOf(ByBrush, t)] = [.. annotations.Select(annotation => annotation.ByBrush[t])];
                }

                return values;
            },
            Report);
    }

    /// <summary>Makes the report from the records of all pictures.</summary>
    /// <param name="facts">The settings of the measure (<see cref="PictureMeasure{TReport}.Facts"/>).</param>
    /// <param name="records">The records of the pictures, in the order of the data set.</param>
    /// <exception cref="DataFormatException">No mask was measured, or a value is missing.</exception>
    public static MeasureReport Report(IReadOnlyDictionary<string, string> facts, IReadOnlyList<PictureRecord> records)
    {
        ArgumentNullException.ThrowIfNull(facts);
        ArgumentNullException.ThrowIfNull(records);
        int clicks = facts.Number(MeasureFacts.Clicks, MeasureOptions.MaxClicks), masks = PictureRecord.MasksOf(facts, records);
        Tally clicking = Gather(ByClicks), painting = Gather(ByBrush);
        var cases = CaseCollector.Of(records);
        string limit = MeasureFacts.Text(clicks);
        return new MeasureReport(
            facts.Fact(MeasureFacts.Measure), facts.Fact(MeasureFacts.Model), facts.Fact(MeasureFacts.Data),
            new Dictionary<string, string>
            {
                ["first action"] = "the object's box",
                ["clicks"] = "farthest from the error region's edge; the mask so far is fed back",
                ["mask"] = PointMeasure.Describe(MaskSelection.First),
                ["brush"] = string.Create(
                    CultureInfo.InvariantCulture,
                    $"after a click that raises the IoU by less than {LeastGain}; circles of a quarter of the root of the object's area"),
                ["masks"] = MeasureFacts.Text(masks),
            },
            [
                new(
                    $"actions to reach an IoU, at most {limit}", ["actions (NoC)", "not reached"],
                    [.. clicking.Needed(ByClicks), .. painting.Needed(ByBrush)]),
                new(
                    $"share of objects of an IoU of {Targets[0].ToString("0.00", CultureInfo.InvariantCulture)} by the number of actions",
                    [.. Moments.Where(moment => moment <= clicks).Select(moment => MeasureFacts.Text(moment))],
                    [clicking.Shares(ByClicks), painting.Shares(ByBrush)]),
            ])
        {
            Images = records.Count(record => record.Count > 0), Best = cases.Best, Worst = cases.Worst,
        };

        Tally Gather(string by)
        {
            var tally = new Tally(clicks);
            foreach (PictureRecord record in records.Where(record => record.Count > 0))
            {
                double[][] reached = [.. Enumerable.Range(0, Targets.Length).Select(t => record.Read(NameOf(by, t), record.Count))];
                for (int i = 0; i < record.Count; i++)
                    tally.Add([.. reached.Select(values => (int)values[i])]);
            }

            return tally;
        }
    }

    private static string NameOf(string by, int target)
        => string.Create(CultureInfo.InvariantCulture, $"IoU {Targets[target]:0.00}, {by}");

    /// <summary>Gives each object below the last target its next prompt: first its box, then a click.</summary>
    private static void Click(Sam sam, ImageEmbedding photo, Annotation[] annotations, int action, CancellationToken cancellation)
    {
        var prompts = new Prompt?[annotations.Length];
        Workers.For(prompts.Length, i => prompts[i] = annotations[i].Next());
        int[] places = [.. Enumerable.Range(0, prompts.Length).Where(i => prompts[i] is not null)];
        IReadOnlyList<Prediction> answers = sam.Predict(photo, [.. places.Select(i => prompts[i]!)], multimask: false, cancellation);
        Workers.For(places.Length, p => annotations[places[p]].Answer(answers[p].Best, action));
    }

    /// <summary>An object that is being annotated.</summary>
    private sealed class Annotation(BinaryMask truth)
    {
        private Prompt? _prompt;
        private Mask? _mask;

        /// <summary>The mask that is painted on; null before the first stroke is due.</summary>
        private BinaryMask? _painted;

        /// <summary>
        /// The number of actions that reach each of <see cref="Targets"/> by box and clicks; 0 if never reached.
        /// </summary>
        public int[] ByClicks { get; } = new int[Targets.Length];

        /// <summary>The same with a brush after the clicks.</summary>
        public int[] ByBrush { get; } = new int[Targets.Length];

        /// <summary>IoU of the last predicted mask.</summary>
        public double Iou { get; private set; }

        /// <summary>The next prompt; null if the last target is reached.</summary>
        public Prompt? Next()
        {
            if (_mask is null)
                return _prompt = Prompt.Box(truth.Bounds);
            if (ByClicks[^1] > 0 || ClickSimulator.Next(_mask.Bits, truth) is not { } click)
                return null;
            return _prompt = _prompt!.WithPoint(click.X, click.Y, click.IsForeground).WithMask(_mask.Logits);
        }

        /// <summary>Takes the predicted mask.</summary>
        public void Answer(Mask mask, int action)
        {
            (Mask? previous, double before) = (_mask, Iou);
            (_mask, Iou) = (mask, mask.Bits.Iou(truth));
            Reach(ByClicks, Iou, action);
            if (_painted is not null)
                return;
            Reach(ByBrush, Iou, action);
            if (previous is not null && Iou < before + LeastGain)
                _painted = (Iou > before ? mask : previous).Bits.Clone();
        }

        /// <summary>Paints a stroke, if the annotator has stopped clicking and is below the last target.</summary>
        public void Paint(int action)
        {
            if (_painted is null || ByBrush[^1] > 0 || ClickSimulator.Next(_painted, truth) is not { } middle)
                return;
            BinaryMask error = truth.Clone();
            error.XorWith(_painted);
            error.IntersectWith(middle.IsForeground ? truth : _painted);
            error.IntersectWith(Circle(middle));
            _painted.XorWith(error);
            Reach(ByBrush, _painted.Iou(truth), action);
        }

        public EvaluationCase ToCase(string picture) => new(picture, $"a box, {_prompt!.Points.Count} clicks", Iou)
        {
            Truth = Rle.Encode(truth), Found = _mask!.ToRle(), Points = [.. _prompt.Points], Box = _prompt.BoundingBox,
        };

        private BinaryMask Circle(Click middle)
        {
            double radius = Math.Sqrt(truth.Area) / 4;
            var circle = new BinaryMask(truth.Width, truth.Height);
            for (int y = Math.Max(0, middle.Y - (int)radius); y <= Math.Min(truth.Height - 1, middle.Y + (int)radius); y++)
            {
                int half = (int)Math.Sqrt(radius * radius - (y - middle.Y) * (y - middle.Y));
                circle.SetSpan(y, Math.Max(0, middle.X - half), Math.Min(truth.Width, middle.X + half + 1));
            }

            return circle;
        }

        private static void Reach(int[] reached, double iou, int action)
        {
            for (int t = 0; t < Targets.Length; t++)
            {
                if (reached[t] == 0 && iou >= Targets[t])
                    reached[t] = action;
            }
        }
    }

    private sealed class Tally(int limit)
    {
        private readonly List<int[]> _all = [];

        /// <summary>
        /// Adds an object: the number of actions for each of <see cref="Targets"/>, 0 if never reached.
        /// </summary>
        public void Add(int[] reached) => _all.Add(reached);

        /// <summary>
        /// Mean number of actions for each of <see cref="Targets"/>, and the fraction of objects that never reach it.
        /// </summary>
        public IEnumerable<MeasureRow> Needed(string by) => Targets.Select((_, t) => new MeasureRow(
            NameOf(by, t),
            [
                _all.Average(reached => reached[t] == 0 ? limit : reached[t]), _all.Average(reached => reached[t] == 0 ? 1.0 : 0),
            ]));

        /// <summary>
        /// The fraction of objects that reach the first of <see cref="Targets"/> within each number of
        /// <see cref="Moments"/>.
        /// </summary>
        public MeasureRow Shares(string by) => new(
            by,
            [
                .. Moments.Where(moment => moment <= limit)
                    .Select(moment => (double?)_all.Average(reached => reached[0] > 0 && reached[0] <= moment ? 1.0 : 0)),
            ]);
    }
}
