using System.Security.Cryptography;
using System.Text;
using PocketSam.Training.Data;
using PocketSam.Training.Data.Effects;
using PocketSam.Training.Evaluation;

namespace PocketSam.Training.FineTuning;

/// <summary>
/// Measures a model on the pictures that were kept back by boxes and by lone clicks. Where there are few objects, each gets several: the
/// first as <see cref="Evaluator"/> gives them, its own box and a click into its middle, the others a little off and anywhere inside. They
/// follow from the picture's key, so they are the same for every model.
/// </summary>
internal sealed class KeptBackMeasure(PictureReader reader, IReadOnlyList<FineTuningPicture> pictures)
{
    /// <summary>Most objects of a picture.</summary>
    private const int MostObjects = 40;

    /// <summary>How many prompts of each kind there should be in all, and the most an object gets.</summary>
    private const int Prompts = 400, MostPrompts = 9;

    /// <summary>Boxes, and as many clicks, that each object gets.</summary>
    public int PromptsPerObject { get; } = Math.Clamp(
        Prompts / Math.Max(1, pictures.Sum(picture => Math.Min(picture.Masks.Count, MostObjects))), 1, MostPrompts);

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
            (Click[] clicks, Prompt[] boxes) = PromptsFor(truths, picture.Key);
            IReadOnlyList<Prediction> boxed = sam.Predict(photo, boxes, multimask: false, clock.Cancellation);
            IReadOnlyList<Prediction> clicked = sam.Predict(
                photo, [.. clicks.Select(click => Prompt.Point(click.X, click.Y))], multimask: null, clock.Cancellation);
            found.Add(
            [
                .. truths.Select((truth, i) => new Found(
                    Mean(boxed, truth, i), Mean(clicked, truth, i), (clicks[i].X, clicks[i].Y), picture.Masks[i],
                    Rle.Encode(clicked[i].Best.Bits))),
            ]);

            double Mean(IReadOnlyList<Prediction> answers, BinaryMask truth, int i)
                => Enumerable.Range(0, PromptsPerObject).Average(round => answers[round * truths.Length + i].Best.Bits.Iou(truth));
        }

        return found;
    }

    /// <summary>The prompts of a picture's objects: one for each, then another for each.</summary>
    internal (Click[] Clicks, Prompt[] Boxes) PromptsFor(BinaryMask[] truths, string key)
    {
        var clicks = new List<Click>();
        var boxes = new List<Prompt>();
        var random = new RandomStream(BitConverter.ToUInt64(SHA256.HashData(Encoding.UTF8.GetBytes(key))));
        for (int round = 0; round < PromptsPerObject; round++)
        {
            foreach (BinaryMask truth in truths)
            {
                if (round == 0)
                {
                    clicks.Add(ClickSimulator.First(truth)!.Value);
                    boxes.Add(Prompt.Box(truth.Bounds));
                    continue;
                }

                (int x, int y) = DrawnPrompt.Pixel(truth, random);
                (float left, float top, float right, float bottom) = DrawnPrompt.Box(truth, Math.Max(truth.Width, truth.Height), random);
                clicks.Add(new Click(x, y, IsForeground: true));
                boxes.Add(Prompt.Box(left, top, right, bottom));
            }
        }

        return ([.. clicks], [.. boxes]);
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
    /// <param name="Box">Mean IoU by its boxes.</param>
    /// <param name="Click">Mean IoU of the masks that are shown first for its clicks.</param>
    /// <param name="Point">Where the first click was.</param>
    /// <param name="Truth">What was to be found.</param>
    /// <param name="Mask">What the first click gave.</param>
    internal readonly record struct Found(double Box, double Click, (int X, int Y) Point, Rle Truth, Rle Mask);
}
