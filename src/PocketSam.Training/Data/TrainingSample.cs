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
            boxes[i] = DrawnPrompt.Box(masks[i], size, random);
            if (random.NextFloat() < TightBoxes)
                boxes[i] = (masks[i].Bounds.X, masks[i].Bounds.Y, masks[i].Bounds.Right, masks[i].Bounds.Bottom);
            clicks[i] = random.NextFloat() < CentreClicks
                ? DistanceTransform.FarthestFromEdge(masks[i])!.Value
                : DrawnPrompt.Pixel(masks[i], random);
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
}
