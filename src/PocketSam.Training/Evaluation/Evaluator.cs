using PocketSam.Kernels;

namespace PocketSam.Training.Evaluation;

/// <summary>
/// Measures how well a model predicts the masks of a data set from box prompts, or from clicks that
/// <see cref="ClickSimulator"/> simulates.
/// </summary>
/// <remarks>
/// Among the masks for the first click, the one that is shown first is measured (<see cref="SamConfig.FirstMask"/>),
/// and the best of them is the oracle; with <see cref="EvaluationProtocol.OneClickMulti"/>, only the masks for
/// ambiguous prompts are used. For each further click, the current mask is fed back and one mask is predicted. Objects
/// whose mask is right everywhere get no further clicks. Crowds are skipped.
/// </remarks>
public sealed class Evaluator
{
    /// <summary>The name of the measure in <see cref="PictureMeasure{TReport}.Facts"/>.</summary>
    public const string MeasureName = "prompts";

    private readonly Sam _sam;
    private readonly PictureReader _reader;
    private readonly EvaluationOptions _options;

    /// <summary>Creates an evaluation of one model.</summary>
    /// <param name="sam">The model.</param>
    /// <param name="reader">Decodes the data set's pictures.</param>
    /// <param name="options">The options; null for the defaults.</param>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public Evaluator(Sam sam, PictureReader reader, EvaluationOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(sam);
        ArgumentNullException.ThrowIfNull(reader);
        _sam = sam;
        _reader = reader;
        _options = options ?? new EvaluationOptions();
        _options.Validate();
    }

    /// <summary>
    /// Runs over a data set, picture by picture. The result does not depend on the number of threads.
    /// </summary>
    /// <param name="data">Pictures and their masks.</param>
    /// <param name="progress">Reports each picture.</param>
    /// <param name="cancellation">Checked before each picture and each batch of prompts.</param>
    /// <exception cref="DataFormatException">A picture is missing or has another size than stated, or there is no mask
    /// to measure.</exception>
    /// <exception cref="IOException">A picture cannot be read.</exception>
    /// <exception cref="OperationCanceledException">The run is cancelled.</exception>
    public EvaluationReport Run(
        CocoDataset data, IProgress<EvaluationProgress>? progress = null, CancellationToken cancellation = default)
        => On(data).Run(progress, cancellation);

    /// <summary>Creates the measure of a data set, whose pictures several processes can share.</summary>
    /// <param name="data">Pictures and their masks.</param>
    public PictureMeasure<EvaluationReport> On(CocoDataset data)
    {
        ArgumentNullException.ThrowIfNull(data);
        Dictionary<string, string> facts = MeasureFacts.Of(MeasureName, _sam.Name, data.Path);
        facts[MeasureFacts.Protocols] = string.Join(',', _options.Protocols.Select(protocol => protocol.Name));
        if (_options.Zooms)
            facts[MeasureFacts.Zoom] = "yes";
        EverythingMode[] modes = _options.FindsEverything ? EverythingMode.Both(_sam) : [];
        if (modes.Length > 0)
            facts[MeasureFacts.Everything] = string.Join(',', modes.Select(mode => mode.Name));
        return new EvaluationLoop(_reader, _options.MinArea, _options.MaxMasks, _options.Failures).Over(
            data, facts,
            (image, picture, truths, cases, cancellation) =>
            {
                var values = new Dictionary<string, double[]>();
                if (_options.Protocols.Contains(EvaluationProtocol.Box))
                {
                    values[EvaluationReport.BaselineBox] = [.. truths.Select(t => Baselines.Box(t.Width, t.Height, t.Bounds).Iou(t))];
                    values[EvaluationReport.BaselineEllipse] = [.. truths.Select(t => Baselines.Ellipse(t.Width, t.Height, t.Bounds).Iou(t))];
                }

                using (ImageEmbedding photo = _sam.Encode(picture, _options.ImageSize, cancellation))
                {
                    Measure(
                        image.Path, (prompts, multimask) => _options.Zooms
                            ? _sam.PredictZoomed(picture, photo, prompts, multimask, progress: null, cancellation)
                            : _sam.Predict(photo, prompts, multimask, cancellation),
                        truths, values, cases);
                }

                Rle[] encoded = modes.Length > 0 ? [.. truths.Select(Rle.Encode)] : [];
                foreach (EverythingMode mode in modes)
                    mode.Measure(picture, encoded, _options.ImageSize, values, cancellation);
                return values;
            },
            (records, _) => Report(facts, records));
    }

    /// <summary>Makes the report from the records of all pictures, as measured by <see cref="On"/>.</summary>
    /// <param name="facts">The settings of the measure (<see cref="PictureMeasure{TReport}.Facts"/>).</param>
    /// <param name="records">The records of the pictures, in the order of the data set.</param>
    /// <exception cref="DataFormatException">
    /// No mask was measured, or a value is missing or not from 0 to 1.
    /// </exception>
    public static EvaluationReport Report(IReadOnlyDictionary<string, string> facts, IReadOnlyList<PictureRecord> records)
    {
        var report = EvaluationReport.Of(facts, records);
        return facts.GetValueOrDefault(MeasureFacts.Everything) is not { } modes ? report
            : report with { Everything = modes.Split(',').Distinct().ToDictionary(mode => mode, mode => EverythingMode.Sum(mode, records)) };
    }

    private void Measure(
        string picture, PredictPrompts predict, BinaryMask[] truths, Dictionary<string, double[]> values, PictureCases cases)
    {
        EvaluationProtocol first = _options.Protocols[0];
        if (_options.Protocols.Contains(EvaluationProtocol.Box))
        {
            double[] boxes = values[EvaluationProtocol.Box.Name] = new double[truths.Length];
            Prompt[] prompts = [.. truths.Select(truth => Prompt.Box(truth.Bounds))];
            IReadOnlyList<Prediction> answers = predict(prompts, multimask: false);
            for (int i = 0; i < truths.Length; i++)
            {
                double iou = answers[i].Best.Bits.Iou(truths[i]);
                boxes[i] = iou;
                if (first.IsBox)
                    AddCase(i, iou, answers[i].Best, prompts[i]);
            }
        }

        int rounds = _options.Protocols.Max(protocol => protocol.ClickCount);
        if (rounds == 0)
            return;
        var session = new ClickSession(predict, _sam.Config.FirstMask, truths);
        for (int clicks = 1; clicks <= rounds; clicks++)
        {
            session.Click(multimask: clicks == 1 ? null : false);
            if (clicks == 1 && _options.Protocols.Contains(EvaluationProtocol.OneClickMulti))
                Store(EvaluationProtocol.OneClickMulti, session.MultiIou, session.MultiOracleIou);

            for (int i = 0; i < truths.Length && clicks == first.ClickCount; i++)
                AddCase(i, session.Iou(i), session.Found(i), session.PromptOf(i));
            if (_options.Protocols.Contains(EvaluationProtocol.Clicks(clicks)))
                Store(EvaluationProtocol.Clicks(clicks), session.Iou, clicks == 1 ? session.OracleIou : null);
        }

        void Store(EvaluationProtocol protocol, Func<int, double> iou, Func<int, double>? oracle)
        {
            values[protocol.Name] = [.. Enumerable.Range(0, truths.Length).Select(iou)];
            if (oracle is not null)
                values[protocol.Name + PictureRecord.Oracle] = [.. Enumerable.Range(0, truths.Length).Select(oracle)];
        }

        void AddCase(int i, double iou, Mask found, Prompt prompt) => cases.Add(iou, () => new EvaluationCase(picture, first.Name, iou)
        {
            Truth = Rle.Encode(truths[i]), Found = found.ToRle(), Points = [.. prompt.Points], Box = prompt.BoundingBox,
        });
    }

    /// <summary>Predicts the masks of prompts for a picture.</summary>
    private delegate IReadOnlyList<Prediction> PredictPrompts(IReadOnlyList<Prompt> prompts, bool? multimask);

    /// <summary>Simulates clicks on all objects of a picture together.</summary>
    private sealed class ClickSession(PredictPrompts predict, FirstMask firstMask, BinaryMask[] truths)
    {
        private readonly Prompt?[] _prompts = new Prompt?[truths.Length];
        private readonly Prediction[] _answers = new Prediction[truths.Length];

        /// <summary>IoU of the current mask of an object.</summary>
        public double Iou(int i) => _answers[i].Best.Bits.Iou(truths[i]);

        /// <summary>The current mask of an object.</summary>
        public Mask Found(int i) => _answers[i].Best;

        /// <summary>The last prompt for an object.</summary>
        public Prompt PromptOf(int i) => _prompts[i]!;

        /// <summary>IoU of the best of the masks predicted last.</summary>
        public double OracleIou(int i) => _answers[i].Masks.Max(mask => mask.Bits.Iou(truths[i]));

        /// <summary>
        /// IoU of the mask with the highest predicted IoU among those for ambiguous prompts, after one click.
        /// </summary>
        public double MultiIou(int i) => Multi(i).MaxBy(mask => mask.PredictedIou)!.Bits.Iou(truths[i]);

        /// <summary>IoU of the best of these masks.</summary>
        public double MultiOracleIou(int i) => Multi(i).Max(mask => mask.Bits.Iou(truths[i]));

        private IEnumerable<Mask> Multi(int i) => _answers[i].Masks.Skip(firstMask == FirstMask.Single ? 1 : 0);

        public void Click(bool? multimask)
        {
            var clicks = new Click?[truths.Length];
            Workers.For(clicks.Length, i => clicks[i] = _prompts[i] is null
                ? ClickSimulator.First(truths[i])
                : ClickSimulator.Next(_answers[i].Best.Bits, truths[i]));

            List<int> places = [];
            List<Prompt> prompts = [];
            for (int i = 0; i < clicks.Length; i++)
            {
                if (clicks[i] is not { } click)
                    continue;
                Prompt prompt = _prompts[i]?.WithPoint(click.X, click.Y, click.IsForeground)
                        .WithMask(_answers[i].Best.Logits)
                    ?? Prompt.Point(click.X, click.Y, click.IsForeground);
                _prompts[i] = prompt;
                places.Add(i);
                prompts.Add(prompt);
            }

            IReadOnlyList<Prediction> answers = predict(prompts, multimask);
            for (int i = 0; i < places.Count; i++)
                _answers[places[i]] = answers[i];
        }
    }
}
