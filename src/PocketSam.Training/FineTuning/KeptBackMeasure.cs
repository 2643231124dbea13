using PocketSam.Training.Evaluation;

namespace PocketSam.Training.FineTuning;

/// <summary>Measures a model on the pictures that were kept back, as <see cref="Evaluator"/> does by box and by one click.</summary>
internal sealed class KeptBackMeasure(PictureReader reader, IReadOnlyList<FineTuningPicture> pictures)
{
    /// <summary>Most objects of a picture.</summary>
    private const int MostObjects = 40;

    /// <summary>All objects of all pictures, in their order.</summary>
    public IReadOnlyList<Found[]> Run(Sam sam, FineTuningPhase phase, TuningClock clock)
    {
        var found = new List<Found[]>();
        foreach (FineTuningPicture picture in pictures)
        {
            clock.Tell(phase);
            clock.Cancellation.ThrowIfCancellationRequested();
            BinaryMask[] truths = [.. picture.Masks.Take(MostObjects).Select(mask => mask.ToMask())];
            using ImageEmbedding photo = sam.Encode(PictureOf(picture, reader), cancellation: clock.Cancellation);
            Click[] clicks = [.. truths.Select(truth => ClickSimulator.First(truth)!.Value)];
            IReadOnlyList<Prediction> boxes = sam.Predict(
                photo, [.. truths.Select(truth => Prompt.Box(truth.Bounds))], multimask: false, clock.Cancellation);
            IReadOnlyList<Prediction> clicked = sam.Predict(
                photo, [.. clicks.Select(click => Prompt.Point(click.X, click.Y))], multimask: null, clock.Cancellation);
            found.Add(
            [
                .. truths.Select((truth, i) => new Found(
                    boxes[i].Best.Bits.Iou(truth), clicked[i].Best.Bits.Iou(truth), (clicks[i].X, clicks[i].Y), picture.Masks[i],
                    Rle.Encode(clicked[i].Best.Bits))),
            ]);
        }

        return found;
    }

    /// <summary>Means over all objects.</summary>
    public static FineTuningFigures FiguresOf(IReadOnlyList<Found[]> found)
        => new(found.SelectMany(one => one).Average(one => one.Box), found.SelectMany(one => one).Average(one => one.Click));

    /// <summary>Reads a picture, which must be of the size of its masks.</summary>
    /// <exception cref="DataFormatException">It is not.</exception>
    public static RgbImage PictureOf(FineTuningPicture picture, PictureReader reader)
    {
        RgbImage image = reader(picture.Path);
        if (picture.Masks.FirstOrDefault(mask => mask.Width != image.Width || mask.Height != image.Height) is { } other)
            throw new DataFormatException(picture.Path, $"the picture is {image.Width}x{image.Height}, and a mask of it {other.Width}x{other.Height}");
        return image;
    }

    /// <summary>What a model found of an object.</summary>
    /// <param name="Box">IoU by its box.</param>
    /// <param name="Click">IoU of the mask that is shown first for a click.</param>
    /// <param name="Point">Where that was.</param>
    /// <param name="Truth">What was to be found.</param>
    /// <param name="Mask">What the click gave.</param>
    internal readonly record struct Found(double Box, double Click, (int X, int Y) Point, Rle Truth, Rle Mask);
}
