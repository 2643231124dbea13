namespace PocketSam.Training.Evaluation.Detections;

/// <summary>Predicts a mask for each box.</summary>
internal static class BoxPrompter
{
    /// <summary>The boxes by the index of their picture.</summary>
    /// <param name="truths">The pictures and ground-truth objects.</param>
    /// <param name="boxes">
    /// The boxes of a detector; null for the boxes of the ground-truth objects without crowds.
    /// </param>
    public static ILookup<int, Detection> BoxesOf(DetectionTruths truths, Detections? boxes)
        => (boxes?.Items ?? OfTruths(truths)).ToLookup(item => item.Image);

    /// <summary>
    /// Predicts the masks of the boxes of one picture, in their order; they keep score and category of their boxes. The
    /// mask of a box outside of the picture is empty.
    /// </summary>
    /// <param name="sam">The model.</param>
    /// <param name="picture">The picture.</param>
    /// <param name="boxes">The boxes.</param>
    /// <param name="areTrue">
    /// Whether these are boxes of ground-truth objects; the score is then the predicted IoU.
    /// </param>
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
