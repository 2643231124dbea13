using System.Diagnostics;

namespace PocketSam.Training.Evaluation.Detections;

/// <summary>Predicts a mask for each box.</summary>
internal static class BoxPrompter
{
    /// <summary>
    /// Predicts masks, which keep score and category of their boxes. The mask of a box outside of its picture is empty.
    /// </summary>
    /// <param name="sam">The model.</param>
    /// <param name="reader">Decodes the pictures.</param>
    /// <param name="truths">The pictures and ground-truth objects.</param>
    /// <param name="boxes">The boxes of a detector; null for the boxes of the ground-truth objects without
    /// crowds.</param>
    /// <param name="options">Which mask is used, and whether it is fed back once.</param>
    /// <param name="progress">Reports each picture.</param>
    /// <param name="cancellation">Checked before each picture and each batch of prompts.</param>
    /// <returns>The pictures that are used, their masks, and the time of the model in seconds.</returns>
    public static (DetectionTruths Asked, Detections Masks, double Seconds) Run(
        Sam sam, PictureReader reader, DetectionTruths truths, Detections? boxes, MeasureOptions options,
        IProgress<EvaluationProgress>? progress, CancellationToken cancellation)
    {
        ILookup<int, Detection> given = BoxesOf(truths, boxes);
        double seconds = 0;
        (DetectionTruths asked, Detections masks) = PictureLoop.Run(
            reader, truths, sam.Name, options,
            (place, picture, items) =>
            {
                long start = Stopwatch.GetTimestamp();
                items.AddRange(MasksOf(sam, picture, [.. given[place]], boxes is null, options, cancellation));
                seconds += Stopwatch.GetElapsedTime(start).TotalSeconds;
            },
            progress, cancellation);
        return (asked, masks, seconds);
    }

    /// <summary>The boxes by the index of their picture.</summary>
    /// <param name="truths">The pictures and ground-truth objects.</param>
    /// <param name="boxes">The boxes of a detector; null for the boxes of the ground-truth objects without
    /// crowds.</param>
    public static ILookup<int, Detection> BoxesOf(DetectionTruths truths, Detections? boxes)
        => (boxes?.Items ?? OfTruths(truths)).ToLookup(item => item.Image);

    /// <summary>The masks of the boxes of one picture, in their order.</summary>
    /// <param name="sam">The model.</param>
    /// <param name="picture">The picture.</param>
    /// <param name="boxes">The boxes.</param>
    /// <param name="areTrue">Whether these are boxes of ground-truth objects; the score is then the predicted
    /// IoU.</param>
    /// <param name="options">Which mask is used, and whether it is fed back once.</param>
    /// <param name="cancellation">Checked before each batch of prompts.</param>
    public static Detection[] MasksOf(
        Sam sam, RgbImage picture, Detection[] boxes, bool areTrue, MeasureOptions options, CancellationToken cancellation)
    {
        if (boxes.Length == 0)
            return [];
        using ImageEmbedding photo = sam.Encode(picture, options.ImageSize, cancellation);
        List<int> inside = [];
        List<Prompt> prompts = [];
        for (int i = 0; i < boxes.Length; i++)
        {
            if (PromptOf(boxes[i].BoxOrBounds, picture) is not { } prompt)
                continue;
            inside.Add(i);
            prompts.Add(prompt);
        }

        (Rle Mask, float PredictedIou)[] answers = PredictMasks(sam, photo, prompts, options, cancellation);
        Detection[] found =
        [
            .. boxes.Select(box => ToMask(
                box, Rle.FromCounts([picture.Width * picture.Height], picture.Height, picture.Width), null)),
        ];
        for (int i = 0; i < inside.Count; i++)
            found[inside[i]] = ToMask(boxes[inside[i]], answers[i].Mask, areTrue ? answers[i].PredictedIou : null);
        return found;
    }

    private static (Rle Mask, float PredictedIou)[] PredictMasks(
        Sam sam, ImageEmbedding photo, List<Prompt> prompts, MeasureOptions options, CancellationToken cancellation)
    {
        bool multimask = options.Selection == MaskSelection.Best;
        if (options.Refines)
        {
            IReadOnlyList<Prediction> first = sam.Predict(photo, prompts, multimask, cancellation);
            prompts = [.. prompts.Zip(first).Select(pair => pair.First.WithMask(pair.Second.Best.Logits))];
        }

        return
        [
            .. sam.PredictCropped(photo, prompts, multimask, cancellation).Select(answer =>
            {
                CroppedMask best = answer.Masks[answer.Best];
                return (best.ToRle(), best.PredictedIou);
            }),
        ];
    }

    private static IEnumerable<Detection> OfTruths(DetectionTruths truths)
        => Enumerable.Range(0, truths.Images.Count).SelectMany(place => truths.Of(place)
            .Where(truth => !truth.IsCrowd)
            .Select(truth => new Detection(place, truth.Category, 1, truth.Box, null, truth.Box.Area)));

    private static Prompt? PromptOf(DetectionBox box, RgbImage picture)
    {
        double left = Math.Clamp(box.X, 0, picture.Width), right = Math.Clamp(box.X + box.Width, 0, picture.Width);
        double top = Math.Clamp(box.Y, 0, picture.Height), bottom = Math.Clamp(box.Y + box.Height, 0, picture.Height);
        return right > left && bottom > top ? Prompt.Box(left, top, right, bottom) : null;
    }

    private static Detection ToMask(Detection box, Rle mask, double? score)
        => box with { Box = null, Mask = mask, Area = mask.Area, Score = score ?? box.Score };
}
