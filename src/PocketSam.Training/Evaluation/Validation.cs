using PocketSam.Training.Data;

namespace PocketSam.Training.Evaluation;

/// <summary>Data sets that a model is evaluated on during training, and that are not trained on.</summary>
public sealed class Validation
{
    private static readonly EvaluationProtocol[] Protocols =
        [EvaluationProtocol.Box, EvaluationProtocol.Clicks(1), EvaluationProtocol.Clicks(3)];

    private readonly IReadOnlyList<CocoDataset> _sets;
    private readonly PictureReader _reader;
    private readonly EvaluationOptions _options;

    /// <param name="sets">The data sets, with equal weights.</param>
    /// <param name="reader">Decodes their pictures.</param>
    /// <param name="imageSize">Side of the model's input, in pixels.</param>
    /// <param name="maxMasks">The number of masks of each set to measure, the first of the file; null for all.</param>
    /// <param name="failures">Collects pictures that cannot be used; null to fail at the first.</param>
    /// <exception cref="ArgumentException">There is no set, or a number is out of range.</exception>
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

    /// <summary>Names of the values, as columns of a log, such as <c>val_box_iou</c>.</summary>
    public static IReadOnlyList<string> Columns { get; } =
        [.. Protocols.Select(protocol => $"val_{protocol.Name.Replace('-', '_')}_iou")];

    /// <summary>Mean IoU of each protocol, in the order of <see cref="Columns"/>, averaged over the sets.</summary>
    /// <exception cref="DataFormatException">A picture is missing, or there is no mask to measure.</exception>
    /// <exception cref="OperationCanceledException">The run is cancelled.</exception>
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

    /// <summary>Checks that no picture is also trained on; pictures are compared by content.</summary>
    /// <param name="training">The files of the pictures that are trained on; missing ones are passed over.</param>
    /// <exception cref="DataFormatException">A picture is in both; the message names both files.</exception>
    /// <exception cref="IOException">A picture cannot be read.</exception>
    public void RefuseOverlap(IEnumerable<string> training)
    {
        ArgumentNullException.ThrowIfNull(training);
        var known = new Dictionary<string, string>();
        foreach (string path in training.Where(File.Exists))
            known.TryAdd(PictureKey.Hash(path), path);
        foreach (CocoDataset set in _sets)
        {
            foreach (string path in set.Images.Select(image => image.Path).Where(File.Exists))
            {
                if (known.TryGetValue(PictureKey.Hash(path), out string? twin))
                    throw new DataFormatException(set.Path, $"{path} is the same picture as {twin}, which is trained on");
            }
        }
    }
}
