using PocketSam.Training.Data;

namespace PocketSam.Training.Evaluation;

/// <summary>Data sets that a training is measured on while it runs, and never trained on.</summary>
public sealed class Validation
{
    private static readonly EvaluationProtocol[] Protocols =
        [EvaluationProtocol.Box, EvaluationProtocol.Clicks(1), EvaluationProtocol.Clicks(3)];

    private readonly IReadOnlyList<CocoDataset> _sets;
    private readonly PictureReader _reader;
    private readonly EvaluationOptions _options;

    /// <param name="sets">The data sets; each counts alike.</param>
    /// <param name="reader">Decodes their pictures.</param>
    /// <param name="imageSize">Side of the model's input.</param>
    /// <param name="maxMasks">Only the first masks of each set, or null for all.</param>
    /// <param name="failures">Takes pictures that cannot be used; null ends at the first.</param>
    /// <exception cref="ArgumentException">There is no set, or a number is out of its range.</exception>
    public Validation(IReadOnlyList<CocoDataset> sets, PictureReader reader, int imageSize, int? maxMasks = null, PictureFailures? failures = null)
    {
        ArgumentNullException.ThrowIfNull(sets);
        ArgumentNullException.ThrowIfNull(reader);
        if (sets.Count == 0)
            throw new ArgumentException("a validation needs at least one data set", nameof(sets));
        (_sets, _reader) = (sets, reader);
        _options = new EvaluationOptions { Protocols = Protocols, ImageSize = imageSize, MaxMasks = maxMasks, Failures = failures };
        _options.Validate();
    }

    /// <summary>Names of what is measured, as the columns of a log: <c>val_box_iou</c> and the like.</summary>
    public static IReadOnlyList<string> Columns { get; } =
        [.. Protocols.Select(protocol => $"val_{protocol.Name.Replace('-', '_')}_iou")];

    /// <summary>Mean IoU under each protocol, in the order of <see cref="Columns"/>: means over the sets.</summary>
    /// <exception cref="DataFormatException">A picture is missing, or there is no mask to measure.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public IReadOnlyList<double> Run(Sam sam, CancellationToken cancellation = default)
    {
        var evaluator = new Evaluator(sam, _reader, _options);
        double[] means = new double[Protocols.Length];
        foreach (CocoDataset set in _sets)
        {
            EvaluationReport report = evaluator.Run(set, progress: null, cancellation);
            for (int i = 0; i < means.Length; i++)
                means[i] += report.Protocols[Protocols[i].Name].MeanIou / _sets.Count;
        }

        return means;
    }

    /// <summary>Refuses sets that share a picture, whatever its name, with data that is trained on.</summary>
    /// <param name="training">What is trained on.</param>
    /// <exception cref="DataFormatException">A picture's file is in both; the message names both places.</exception>
    /// <exception cref="IOException">A picture cannot be read.</exception>
    public void RefuseOverlap(IEnumerable<CocoDataset> training)
    {
        ArgumentNullException.ThrowIfNull(training);
        var known = new Dictionary<string, string>();
        foreach (string path in Pictures(training))
            known.TryAdd(PictureKey.Hash(path), path);
        foreach (CocoDataset set in _sets)
        {
            foreach (string path in Pictures([set]))
            {
                if (known.TryGetValue(PictureKey.Hash(path), out string? twin))
                    throw new DataFormatException(set.Path, $"{path} is the same picture as {twin}, which is trained on");
            }
        }

        static IEnumerable<string> Pictures(IEnumerable<CocoDataset> sets)
            => sets.SelectMany(set => set.Images).Select(image => image.Path).Where(File.Exists);
    }
}
