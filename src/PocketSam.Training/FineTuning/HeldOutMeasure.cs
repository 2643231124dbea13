using System.Security.Cryptography;
using System.Text;
using PocketSam.Training.Data;
using PocketSam.Training.Data.Effects;
using PocketSam.Training.Evaluation;

namespace PocketSam.Training.FineTuning;

/// <summary>
/// Measures a model on held-out pictures, by boxes and by single clicks. If there are few objects, each gets several
/// prompts: first its bounding box and the click at the pixel farthest from its edge, as in <see cref="Evaluator"/>;
/// then jittered boxes and clicks at random pixels. The random numbers depend only on the picture's key, so that every
/// model gets the same prompts.
/// </summary>
internal sealed class HeldOutMeasure(PictureReader reader, IReadOnlyList<FineTuningPicture> pictures)
{
    /// <summary>Largest number of objects of a picture.</summary>
    private const int MostObjects = 40;

    /// <summary>
    /// The intended number of boxes and of clicks over all objects, and the largest number of each for one object.
    /// </summary>
    private const int Prompts = 400, MostPrompts = 9;

    /// <summary>Number of boxes, and of clicks, of each object: 1 to 9.</summary>
    public int PromptsPerObject { get; } = Math.Clamp(
        Prompts / Math.Max(1, pictures.Sum(picture => Math.Min(picture.Masks.Count, MostObjects))), 1, MostPrompts);

    /// <summary>Measures the objects of all pictures, in order.</summary>
    public IReadOnlyList<Found[]> Run(Sam sam, FineTuningPhase phase, TuningClock clock)
    {
        var found = new List<Found[]>();
        foreach (FineTuningPicture picture in pictures)
        {
            clock.Report(phase);
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

    /// <summary>
    /// The prompts of a picture's objects, round by round: one prompt of each kind for each object, then the next
    /// round.
    /// </summary>
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

    /// <summary>The means over all objects.</summary>
    public static FineTuningFigures FiguresOf(IReadOnlyList<Found[]> found)
        => new(found.SelectMany(one => one).Average(one => one.Box), found.SelectMany(one => one).Average(one => one.Click));

    /// <summary>Reads a picture, and checks that it has the size of its masks.</summary>
    /// <exception cref="DataFormatException">It has another size.</exception>
    public static RgbImage PictureOf(FineTuningPicture picture, PictureReader reader)
    {
        RgbImage image = reader(picture.Path);
        if (picture.Masks.FirstOrDefault(mask => mask.Width != image.Width || mask.Height != image.Height) is { } other)
            throw new DataFormatException(picture.Path, $"the picture is {image.Width}x{image.Height}, and a mask of it {other.Width}x{other.Height}");
        return image;
    }

    /// <summary>The results of a model for an object.</summary>
    /// <param name="Box">Mean IoU of the masks for its boxes.</param>
    /// <param name="Click">Mean IoU of the masks that are shown first for its clicks.</param>
    /// <param name="Point">The pixel of the first click.</param>
    /// <param name="Truth">The ground-truth mask.</param>
    /// <param name="Mask">The mask that is shown first for the first click.</param>
    internal readonly record struct Found(double Box, double Click, (int X, int Y) Point, Rle Truth, Rle Mask);
}
