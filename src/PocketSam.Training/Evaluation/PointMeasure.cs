using System.Globalization;
using PocketSam.Kernels;
using PocketSam.Training.Data.Effects;

namespace PocketSam.Training.Evaluation;

/// <summary>
/// Mean IoU after each number of clicks (SAM, appendix D.1), and the number of clicks to reach an IoU (NoC).
/// </summary>
/// <remarks>
/// The first click is at the pixel of the object farthest from its edge, or at a random pixel of the object. Each next
/// click is at the pixel of the error region farthest from its edge, whether the object is missed there or wrongly
/// extended. For one click, <see cref="MeasureOptions.Selection"/> selects the mask. For more clicks the current mask
/// is fed back, and the mask for unambiguous prompts is used. The oracle is the best of the three masks for the same
/// prompt; the clicks follow the selected mask. Objects whose mask is right everywhere get no further clicks. Crowds
/// are skipped.
/// </remarks>
public static class PointMeasure
{
    /// <summary>The IoU values of NoC, ascending.</summary>
    internal static readonly double[] Targets = [0.85, 0.90];

    private const string FirstClick = "first click", MaskOfOne = "mask of one click", Ious = "iou/", Oracles = "oracle/";

    /// <summary>Creates the measure of a model.</summary>
    /// <param name="sam">The model.</param>
    /// <param name="reader">Decodes the pictures.</param>
    /// <param name="data">Pictures and their masks.</param>
    /// <param name="options">The number of clicks, the position of the first, and so on.</param>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public static PictureMeasure<MeasureReport> Of(Sam sam, PictureReader reader, CocoDataset data, MeasureOptions options)
    {
        ArgumentNullException.ThrowIfNull(sam);
        ArgumentNullException.ThrowIfNull(reader);
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        Dictionary<string, string> facts = MeasureFacts.Of("points-" + MeasureFacts.Text(options.Clicks), sam.Name, data.Path);
        facts[MeasureFacts.Clicks] = MeasureFacts.Text(options.Clicks);
        facts[FirstClick] = options.FirstPoint == FirstPoint.Center
            ? "farthest from the object's edge" : $"random pixel of the object, seed {MeasureFacts.Text(options.Seed)}";
        facts[MaskOfOne] = Describe(options.Selection);
        return EvaluationLoop.Of(reader, options).Over(
            data, facts,
            (image, picture, truths, cases, cancellation) =>
            {
                var values = new Dictionary<string, double[]>();
                using ImageEmbedding photo = sam.Encode(picture, options.ImageSize, cancellation);
                var session = new Session(sam, photo, truths, options, image.Id);
                for (int clicks = 1; clicks <= options.Clicks; clicks++)
                {
                    session.Click(cancellation);
                    values[Ious + MeasureFacts.Text(clicks)] = [.. session.Ious];
                    values[Oracles + MeasureFacts.Text(clicks)] = [.. session.OracleIous];
                }

                for (int i = 0; i < truths.Length; i++)
                {
                    int which = i;
                    cases.Add(session.Ious[i], () => session.ToCase(image.Path, which));
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
        int all = facts.Number(MeasureFacts.Clicks, MeasureOptions.MaxClicks), masks = PictureRecord.MasksOf(facts, records);
        var tally = new Tally(all);
        foreach (PictureRecord record in records.Where(record => record.Count > 0))
        {
            double[] areas = record.Read(PictureRecord.Areas, record.Count);
            for (int clicks = 0; clicks < all; clicks++)
            {
                double[] ious = record.Read(Ious + MeasureFacts.Text(clicks + 1), areas.Length);
                double[] oracles = record.Read(Oracles + MeasureFacts.Text(clicks + 1), areas.Length);
                for (int i = 0; i < areas.Length; i++)
                    tally.Add(clicks, i == 0, areas[i], ious[i], oracles[i]);
            }

            tally.End(areas.Length);
        }

        var cases = CaseCollector.Of(records);
        return new MeasureReport(
            facts.Fact(MeasureFacts.Measure), facts.Fact(MeasureFacts.Model), facts.Fact(MeasureFacts.Data),
            new Dictionary<string, string>
            {
                [FirstClick] = facts.Fact(FirstClick),
                ["next clicks"] = "farthest from the error region's edge",
                [MaskOfOne] = facts.Fact(MaskOfOne),
                ["mask of more clicks"] = "the one mask; the mask so far is fed back",
                ["masks"] = MeasureFacts.Text(masks),
            },
            tally.ToTables())
        {
            Images = records.Count(record => record.Count > 0), Best = cases.Best, Worst = cases.Worst,
        };
    }

    /// <summary>Description of a selection for reports.</summary>
    internal static string Describe(MaskSelection selection)
        => selection == MaskSelection.Best ? "of three that of the highest predicted IoU" : "the one for unambiguous prompts";

    /// <summary>Simulates clicks on all objects of a picture together.</summary>
    private sealed class Session
    {
        private readonly Sam _sam;
        private readonly ImageEmbedding _photo;
        private readonly BinaryMask[] _truths;
        private readonly MeasureOptions _options;
        private readonly long _image;
        private readonly Prompt?[] _prompts;
        private readonly Mask[] _masks;

        public Session(Sam sam, ImageEmbedding photo, BinaryMask[] truths, MeasureOptions options, long image)
        {
            (_sam, _photo, _truths, _options, _image) = (sam, photo, truths, options, image);
            _prompts = new Prompt?[truths.Length];
            _masks = new Mask[truths.Length];
            Ious = new double[truths.Length];
            OracleIous = new double[truths.Length];
        }

        /// <summary>IoU of the current mask of each object.</summary>
        public double[] Ious { get; }

        /// <summary>IoU of the best of the masks predicted last, for each object.</summary>
        public double[] OracleIous { get; }

        /// <summary>Adds a click to each object whose mask is not right everywhere.</summary>
        public void Click(CancellationToken cancellation)
        {
            var clicks = new Click?[_truths.Length];
            Workers.For(clicks.Length, i => clicks[i] = _prompts[i] is null
                ? First(i) : ClickSimulator.Next(_masks[i].Bits, _truths[i]));
            List<int> places = [.. Enumerable.Range(0, clicks.Length).Where(i => clicks[i] is not null)];
            foreach (int i in places)
            {
                Click click = clicks[i]!.Value;
                _prompts[i] = _prompts[i]?.WithPoint(click.X, click.Y, click.IsForeground).WithMask(_masks[i].Logits)
                    ?? Prompt.Point(click.X, click.Y, click.IsForeground);
            }

            Prompt[] prompts = [.. places.Select(i => _prompts[i]!)];
            IReadOnlyList<Prediction> three = _sam.Predict(_photo, prompts, multimask: true, cancellation);
            bool takesBest = _options.Selection == MaskSelection.Best && prompts.All(prompt => prompt.IsAmbiguous);
            IReadOnlyList<Prediction> answers
                = takesBest ? three : _sam.Predict(_photo, prompts, multimask: false, cancellation);
            Workers.For(places.Count, p =>
            {
                int i = places[p];
                _masks[i] = answers[p].Best;
                Ious[i] = _masks[i].Bits.Iou(_truths[i]);
                OracleIous[i] = Math.Max(
                    takesBest ? 0 : Ious[i], three[p].Masks.Max(mask => mask.Bits.Iou(_truths[i])));
            });
        }

        public EvaluationCase ToCase(string picture, int i) => new(picture, $"{_prompts[i]!.Points.Count} clicks", Ious[i])
        {
            Truth = Rle.Encode(_truths[i]), Found = _masks[i].ToRle(), Points = [.. _prompts[i]!.Points],
        };

        /// <summary>
        /// The first click. A random draw depends only on the seed, the picture and the object, and not on the other
        /// objects.
        /// </summary>
        private Click? First(int i)
        {
            if (_options.FirstPoint == FirstPoint.Center)
                return ClickSimulator.First(_truths[i]);
            Rle runs = Rle.Encode(_truths[i]);
            ulong seed = RandomStream.Scramble(_options.Seed ^ (ulong)_image);
            foreach (int count in runs.Counts)
                seed = RandomStream.Scramble(seed ^ (ulong)count);
            return RandomPixel(runs, new RandomStream(seed).Below(runs.Area));
        }

        private static Click RandomPixel(Rle runs, int index)
        {
            int position = 0;
            ReadOnlySpan<int> counts = runs.Counts;
            for (int i = 0; i < counts.Length; position += counts[i++])
            {
                if ((i & 1) == 0)
                    continue;
                if (index < counts[i])
                    return new Click((position + index) / runs.Height, (position + index) % runs.Height, IsForeground: true);
                index -= counts[i];
            }

            throw new ArgumentOutOfRangeException(nameof(index));
        }
    }

    private sealed class Tally(int clicks)
    {
        private readonly double[] _ious = new double[clicks];
        private readonly double[] _oracle = new double[clicks];
        private readonly double[,] _bySize = new double[SizeClass.Names.Length, clicks];
        private readonly int[] _sizes = new int[SizeClass.Names.Length];
        private readonly double[] _needed = new double[Targets.Length];
        private readonly int[] _failed = new int[Targets.Length];
        private readonly List<int[]> _reached = [];
        private int _masks;
        private int _next;

        /// <summary>
        /// Adds the values of an object after a click, counted from 0. Objects come in the same order for each click of
        /// a picture.
        /// </summary>
        public void Add(int click, bool isFirst, double area, double iou, double oracle)
        {
            _next = isFirst ? 0 : _next + 1;
            if (click == 0)
            {
                _reached.Add([.. Targets.Select(_ => 0)]);
                _sizes[SizeClass.Of(area)]++;
            }

            _ious[click] += iou;
            _oracle[click] += oracle;
            _bySize[SizeClass.Of(area), click] += iou;
            for (int t = 0; t < Targets.Length; t++)
            {
                if (_reached[_next][t] == 0 && iou >= Targets[t])
                    _reached[_next][t] = click + 1;
            }
        }

        /// <summary>Ends a picture. An IoU that is not reached counts as the largest number of clicks.</summary>
        public void End(int masks)
        {
            _masks += masks;
            foreach (int[] reached in _reached)
            {
                for (int t = 0; t < Targets.Length; t++)
                {
                    _needed[t] += reached[t] == 0 ? clicks : reached[t];
                    _failed[t] += reached[t] == 0 ? 1 : 0;
                }
            }

            _reached.Clear();
        }

        public MeasureTable[] ToTables() =>
        [
            new(
                "mean IoU by the number of clicks", [.. Enumerable.Range(1, clicks).Select(n => MeasureFacts.Text(n))],
                [
                    new("all", Row(n => _ious[n] / _masks)), new("oracle, best of three", Row(n => _oracle[n] / _masks)),
                    .. SizeClass.Names.Select((name, size) => new MeasureRow(
                        name, Row(n => _sizes[size] == 0 ? null : _bySize[size, n] / _sizes[size]))),
                ]),
            new(
                $"clicks to reach an IoU, at most {MeasureFacts.Text(clicks)}", ["clicks (NoC)", "not reached"],
                [
                    .. Targets.Select((target, t) => new MeasureRow(
                        string.Create(CultureInfo.InvariantCulture, $"IoU {target:0.00}"),
                        [_needed[t] / _masks, (double)_failed[t] / _masks])),
                ]),
        ];

        private double?[] Row(Func<int, double?> value) => [.. Enumerable.Range(0, clicks).Select(value)];
    }
}
