using PocketSam.Training.Data;

namespace PocketSam.Training.Evaluation.Detections;

/// <summary>Has a model look at the pictures of some truths, one after the other.</summary>
internal static class PictureLoop
{
    /// <summary>Goes through the pictures.</summary>
    /// <param name="reader">Decodes them.</param>
    /// <param name="truths">Pictures and objects.</param>
    /// <param name="name">Who finds.</param>
    /// <param name="options">Which pictures, and which may fail.</param>
    /// <param name="find">Given a picture's place and pixels, adds what it finds.</param>
    /// <param name="progress">Told after each picture.</param>
    /// <param name="cancellation">Looked at before each picture.</param>
    /// <returns>The pictures that were looked at with their objects, and what was found in them.</returns>
    /// <exception cref="DataFormatException">A picture is missing or of another size than stated, or none could be looked at.</exception>
    /// <exception cref="IOException">A picture cannot be read.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
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
