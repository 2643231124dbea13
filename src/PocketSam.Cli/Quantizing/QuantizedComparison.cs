using System.CommandLine;
using PocketSam.Cli.Pictures;
using PocketSam.Cli.Reports;
using PocketSam.Training.Benchmarks;
using PocketSam.Training.Evaluation;

namespace PocketSam.Cli.Quantizing;

/// <summary>A model before and after it was quantised: what it finds in a data set, and how long it takes.</summary>
/// <param name="before">The model of floats.</param>
/// <param name="data">Whose objects are asked for.</param>
/// <param name="sets">How pictures are read.</param>
/// <param name="arguments">What the user said.</param>
/// <param name="maxMasks">Measure only the first ones; null for all.</param>
internal sealed class QuantizedComparison(Sam before, CocoDataset data, DataSetOptions sets, ParseResult arguments, int? maxMasks)
{
    private const int TimedRuns = 5;
    private static readonly EvaluationOptions Defaults = new();

    private EvaluationReport? _before;

    /// <summary>Medians of encoding a black square, both models in turn.</summary>
    public static BeforeAndAfter Time(Sam before, Sam after, CancellationToken cancellation)
    {
        var picture = new RgbImage(before.Config.ImageSize, before.Config.ImageSize);
        var meter = new Meter(ComputeThreads.Count, TimedRuns, new Progress<string>(), cancellation);
        IReadOnlyList<Measurement> times = meter.MeasureInTurn(flops: 0, ("before", () => Encode(before)), ("after", () => Encode(after)));
        return new BeforeAndAfter(times[0].MedianMs, times[1].MedianMs);

        void Encode(Sam sam) => sam.Encode(picture, cancellation: cancellation).Dispose();
    }

    /// <summary>How far the two find the same masks by box: mean IoU.</summary>
    public double BoxAgreement(Sam after, Terminal terminal, CancellationToken cancellation)
        => Agree(after, [AgreementProtocol.Box], terminal, cancellation).Protocols[AgreementProtocol.Box.Name].MeanIou ?? 0;

    /// <summary>All figures.</summary>
    public QuantizedQuality Compare(Sam after, Terminal terminal, CancellationToken cancellation)
    {
        EvaluationReport old = _before ??= Evaluate(before, "before"), quantised = Evaluate(after, "after");
        AgreementReport agreement = Agree(after, [AgreementProtocol.Box, AgreementProtocol.Click], terminal, cancellation);
        return new QuantizedQuality(
            data.Path, old.Masks, Of(EvaluationProtocol.Box), Of(EvaluationProtocol.Clicks(1)),
            agreement.Protocols[AgreementProtocol.Box.Name].MeanIou, agreement.Protocols[AgreementProtocol.Click.Name].MeanIou);

        EvaluationReport Evaluate(Sam sam, string name) => terminal.WithProgress(
            $"evaluating {name}", progress => new Evaluator(sam, sets.Reader(arguments), new EvaluationOptions
            {
                Protocols = [EvaluationProtocol.Box, EvaluationProtocol.Clicks(1)],
                MaxMasks = maxMasks,
                Failures = sets.Failures(arguments),
            }).Run(data, new PicturesDone(progress), cancellation));

        BeforeAndAfter Of(EvaluationProtocol protocol)
            => new(old.Protocols[protocol.Name].MeanIou, quantised.Protocols[protocol.Name].MeanIou);
    }

    private AgreementReport Agree(Sam after, IReadOnlyList<AgreementProtocol> protocols, Terminal terminal, CancellationToken cancellation)
        => terminal.WithProgress("comparing", progress => new AgreementEvaluator(after, before, sets.Reader(arguments), new AgreementOptions
        {
            Protocols = protocols,
            MinArea = Defaults.MinArea,
            MaxMasks = maxMasks,
            Failures = sets.Failures(arguments),
        }).Run(data, new PicturesDone(progress), cancellation));
}
