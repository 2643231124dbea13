using PocketSam.Training.Data;

namespace PocketSam.Training.Evaluation.Detections;

/// <summary>Runs a model on the pictures of a ground truth.</summary>
internal static class PictureLoop
{
    /// <summary>Runs over the pictures.</summary>
    /// <param name="reader">Decodes the pictures.</param>
    /// <param name="truths">The pictures and ground-truth objects.</param>
    /// <param name="name">Name of the model.</param>
    /// <param name="options">The number of pictures, and the collector of failures.</param>
    /// <param name="find">Takes a picture's index and pixels, and adds its detections.</param>
    /// <param name="progress">Reports each picture.</param>
    /// <param name="cancellation">Checked before each picture.</param>
    /// <returns>The ground truth of the pictures that are used, and their detections.</returns>
    /// <exception cref="DataFormatException">A picture is missing or has another size than stated, or no picture can be
    /// used.</exception>
    /// <exception cref="IOException">A picture cannot be read.</exception>
    /// <exception cref="OperationCanceledException">The run is cancelled.</exception>
    public static (DetectionTruths Asked, Detections Found) Run(
        PictureReader reader, DetectionTruths truths, string name, MeasureOptions options,
        Action<int, RgbImage, List<Detection>> find, IProgress<EvaluationProgress>? progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(reader);
        ArgumentNullException.ThrowIfNull(truths);
        options.Validate();
        truths.RequireNames();
        List<Detection> items = [];
        List<int> looked = [];
        int all = Math.Min(truths.Images.Count, options.MaxImages ?? int.MaxValue);
        for (int place = 0; place < all; place++)
        {
            cancellation.ThrowIfCancellationRequested();
            if (PictureFailures.Read(truths.Images[place], reader, options.Failures) is { } picture)
            {
                find(place, picture, items);
                looked.Add(place);
            }

            progress?.Report(new EvaluationProgress(place + 1, all, items.Count));
        }

        if (looked.Count == 0)
            throw new DataFormatException(truths.Path, $"no picture can be used, the first: {options.Failures!.Messages[0]}");
        DetectionTruths asked = truths.Take(looked);
        int[] places = new int[truths.Images.Count];
        for (int i = 0; i < looked.Count; i++)
            places[looked[i]] = i;
        return (asked, new Detections(name, asked, [.. items.Select(item => item with { Image = places[item.Image] })]));
    }
}
