using PocketSam.Masks;
using PocketSam.Models;
using PocketSam.Training.Data.Effects;

namespace PocketSam.Training.Data;

/// <summary>A picture with masks and their prompts: one by box and one by click for each mask.</summary>
/// <param name="Image">The picture; its longest side is the input size.</param>
/// <param name="Coverage">
/// For each mask the covered fraction of each cell of the low-resolution grid <c>[side, side]</c> of the square input.
/// </param>
/// <param name="Clicks">For each mask a pixel inside it, in pixels of the picture.</param>
/// <param name="Boxes">For each mask its box, half of them jittered: left, top, right, bottom in pixels.</param>
internal sealed record TrainingSample(
    RgbImage Image, float[][] Coverage, (int X, int Y)[] Clicks,
    (float Left, float Top, float Right, float Bottom)[] Boxes)
{
    /// <summary>
    /// SAM's jitter of a box: standard deviation relative to the box's side, and largest shift in pixels at an input of
    /// 1024.
    /// </summary>
    private const float BoxJitter = 0.1f, MaxJitterAt1024 = 20f;

    /// <summary>
    /// Probability that a box is not jittered. SAM jitters all boxes; boxes of detectors and data sets are tight, and a
    /// model that has seen tight boxes follows straight edges better.
    /// </summary>
    private const float TightBoxes = 0.5f;

    /// <summary>
    /// Probability that a click is the pixel farthest from the mask's edge, rather than any pixel of the mask.
    /// </summary>
    private const float CentreClicks = 0.5f;

    /// <summary>Draws the sample of a random number.</summary>
    public static TrainingSample Draw(SourceMix mix, ulong number, int size, int count, int sideMultiple = 1)
        => From(mix.Draw(number, size, sideMultiple), size, count, RandomStream.Scramble(number));

    /// <summary>Chooses up to <paramref name="count"/> masks of a picture and their prompts.</summary>
    public static TrainingSample From(TrainingPicture picture, int size, int count, ulong seed)
    {
        var random = new RandomStream(seed);
        BinaryMask[] masks = [.. picture.Masks];
        count = Math.Min(count, masks.Length);
        for (int i = 0; i < count; i++)
        {
            int j = i + random.Below(masks.Length - i);
            (masks[i], masks[j]) = (masks[j], masks[i]);
        }

        Array.Resize(ref masks, count);
        int side = size / SamConfig.MaskStride;
        var boxes = new (float, float, float, float)[count];
        var clicks = new (int, int)[count];
        for (int i = 0; i < count; i++)
        {
            PixelBox box = masks[i].Bounds;
            float dx = box.Width * BoxJitter, dy = box.Height * BoxJitter, most = MaxJitterAt1024 * size / 1024f;
            boxes[i] = (
                Move(box.X, dx, picture.Image.Width), Move(box.Y, dy, picture.Image.Height),
                Move(box.Right, dx, picture.Image.Width), Move(box.Bottom, dy, picture.Image.Height));
            bool tight = random.NextFloat() < TightBoxes;
            if (tight || boxes[i].Item3 - boxes[i].Item1 < 1 || boxes[i].Item4 - boxes[i].Item2 < 1)
                boxes[i] = (box.X, box.Y, box.Right, box.Bottom);
            clicks[i] = random.NextFloat() < CentreClicks
                ? DistanceTransform.FarthestFromEdge(masks[i])!.Value
                : AnyPixel(masks[i], random);

            float Move(int edge, float deviation, int limit)
            {
                // The sum of three uniform numbers is approximately normal with variance 1/4.
                float normal = 2 * (random.NextFloat() + random.NextFloat() + random.NextFloat() - 1.5f);
                return Math.Clamp(edge + Math.Clamp(normal * deviation, -most, most), 0, limit);
            }
        }

        return new TrainingSample(
            picture.Image, [.. masks.Select(m => MaskCoverage.Coverage(m, side, side, SamConfig.MaskStride))], clicks, boxes);
    }

    /// <summary>The prompts, of two tokens each: one by box for each mask, then one by click for each mask.</summary>
    public List<PromptToken>[] Prompts() =>
    [
        .. Boxes.Select(box => new List<PromptToken>
        {
            new(box.Left + 0.5f, box.Top + 0.5f, PointLabel.BoxTopLeft),
            new(box.Right + 0.5f, box.Bottom + 0.5f, PointLabel.BoxBottomRight),
        }),
        .. Clicks.Select(click => new List<PromptToken>
        {
            new(click.X + 0.5f, click.Y + 0.5f, PointLabel.Foreground), PromptToken.Padding,
        }),
    ];

    /// <summary>A random pixel of the mask, all equally likely.</summary>
    private static (int X, int Y) AnyPixel(BinaryMask mask, RandomStream random)
    {
        int left = random.Below(mask.Area);
        for (int y = 0; y < mask.Height; y++)
        {
            int inRow = MaskRow.Count(mask.Row(y), 0, mask.Width);
            if (left >= inRow)
            {
                left -= inRow;
                continue;
            }

            for (int x = 0; x < mask.Width; x++)
            {
                if (mask[x, y] && left-- == 0)
                    return (x, y);
            }
        }

        throw new InvalidOperationException("the mask is empty");
    }
}
