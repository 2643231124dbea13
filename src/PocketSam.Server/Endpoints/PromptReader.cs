using PocketSam.Server.Api;

namespace PocketSam.Server.Endpoints;

/// <summary>Makes prompts of what clients ask, and refuses what does not fit the picture or the limits.</summary>
internal static class PromptReader
{
    /// <exception cref="ApiException">Says which object is wrong, and why.</exception>
    public static IReadOnlyList<Prompt> Read(
        IReadOnlyList<PredictRequest.ObjectPrompt> objects, ImageGeometry picture, PocketSamOptions options)
    {
        if (objects.Count == 0)
            throw ApiException.InvalidPrompt("objects is empty: ask for one at least");
        if (objects.Count > options.MaxObjects)
            throw ApiException.InvalidPrompt($"{objects.Count} objects: at most {options.MaxObjects} are answered at a time");
        var prompts = new Prompt[objects.Count];
        for (int i = 0; i < prompts.Length; i++)
        {
            if (objects[i] is null || objects[i].Points?.Contains(null) == true)
                throw ApiException.InvalidPrompt($"object {i}: null is no prompt");
            try
            {
                prompts[i] = Read(objects[i], picture, options.MaxPrompts);
            }
            catch (PromptException e)
            {
                throw ApiException.InvalidPrompt($"object {i}: {e.Message}");
            }
        }

        return prompts;
    }

    private static Prompt Read(PredictRequest.ObjectPrompt requested, ImageGeometry picture, int maxPrompts)
    {
        IReadOnlyList<PredictRequest.ClickedPoint> points = requested.Points ?? [];
        int count = points.Count + (requested.Box is null ? 0 : 1);
        if (count > maxPrompts)
            throw new PromptException($"{count} points and boxes: at most {maxPrompts} are taken");
        Prompt? prompt = null;
        foreach (PredictRequest.ClickedPoint point in points)
        {
            if (point.Label is not (0 or 1))
                throw new PromptException($"label {point.Label}: 1 is on the object, 0 is off it");
            prompt = prompt?.WithPoint(point.X, point.Y, point.Label == 1) ?? Prompt.Point(point.X, point.Y, point.Label == 1);
        }

        if (requested.Box is { } box)
        {
            if (box.Count != 4)
                throw new PromptException($"a box of {box.Count} numbers: give left, top, right, bottom");
            prompt = prompt?.WithBox(box[0], box[1], box[2], box[3]) ?? Prompt.Box(box[0], box[1], box[2], box[3]);
        }

        if (requested.Mask is { } mask)
        {
            if (mask.Width != picture.Width || mask.Height != picture.Height)
            {
                throw new PromptException(
                    $"a mask of {mask.Width}x{mask.Height} for a picture of {picture.Width}x{picture.Height}");
            }

            BinaryMask initial = mask.ToMask();
            prompt = prompt?.WithMask(initial) ?? Prompt.Mask(initial);
        }

        if (prompt is null)
            throw new PromptException("no point, box or mask");
        prompt.Validate(picture);
        return prompt;
    }
}
