using System.CommandLine;
using PocketSam.Cli.Pictures;
using PocketSam.Cli.Reports;
using PocketSam.Training.Benchmarks;
using PocketSam.Training.Evaluation;

namespace PocketSam.Cli.Quantizing;

/// <summary>Compares a model before and after quantisation: quality on a data set, and speed.</summary>
/// <param name="before">The model in floating point.</param>
/// <param name="data">The data set to measure on.</param>
/// <param name="sets">Options for reading the data set.</param>
/// <param name="arguments">The parsed command line.</param>
/// <param name="maxMasks">Largest number of masks to measure, the first ones; null for all.</param>
internal sealed class QuantizedComparison(Sam before, CocoDataset data, DataSetOptions sets, ParseResult arguments, int? maxMasks)
{
    private const int TimedRuns = 5;
    private static readonly EvaluationOptions Defaults = new();

    private EvaluationReport? _before;

    /// <summary>Median milliseconds of encoding a black square, both models in turn.</summary>
    public static BeforeAndAfter Time(Sam before, Sam after, CancellationToken cancellation)
    {
        var picture = new RgbImage(before.Config.ImageSize, before.Config.ImageSize);
        var meter = new Meter(ComputeThreads.Count, TimedRuns, new Progress<string>(), cancellation);
        IReadOnlyList<Measurement> times = meter.MeasureInTurn(flops: 0, ("before", () => Encode(before)), ("after", () => Encode(after)));
        return new BeforeAndAfter(times[0].MedianMs, times[1].MedianMs);

        void Encode(Sam sam) => sam.Encode(picture, cancellation: cancellation).Dispose();
    }

    /// <summary>Mean IoU between both models' masks, prompted by box.</summary>
    public double BoxAgreement(Sam after, Terminal terminal, CancellationToken cancellation)
        => Agree(after, [AgreementProtocol.Box], terminal, cancellation).Protocols[AgreementProtocol.Box.Name].MeanIou ?? 0;

    /// <summary>Measures all figures.</summary>
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
