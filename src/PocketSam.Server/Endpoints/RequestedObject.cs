using PocketSam.Server.Api;

namespace PocketSam.Server.Endpoints;

/// <summary>
/// A validated object of a request. All objects are checked before anything is computed. A mask in the prompt is
/// decoded only when the object's turn comes, since it takes the memory of the whole picture however short its run
/// lengths are.
/// </summary>
internal sealed class RequestedObject
{
    private readonly Prompt? _marks;
    private readonly Rle? _mask;
    private readonly ImageGeometry _picture;

    /// <exception cref="PromptException">The prompt is invalid; the message says why.</exception>
    private RequestedObject(PredictRequest.ObjectPrompt requested, ImageGeometry picture, int maxPrompts)
    {
        _picture = picture;
        _mask = requested.Mask;
        Multimask = requested.Multimask;
        Zooms = requested.Zoom;
        MinRegion = requested.MinRegion ?? 0;
        if (!(MinRegion is >= 0 and <= 1))
            throw new PromptException("min_region is a share, 0 to 1");
        _marks = Marks(requested, maxPrompts);
        _marks?.Validate(picture);
        if (_mask is { } mask && (mask.Width != picture.Width || mask.Height != picture.Height))
        {
            throw new PromptException(
                $"a mask of {mask.Width}x{mask.Height} for a picture of {picture.Width}x{picture.Height}");
        }

        if (_mask?.Area == 0)
            throw new PromptException("the mask to start from is empty");
        if (_marks is null && _mask is null)
            throw new PromptException("no point, box or mask");
    }

    /// <summary>Whether several masks are wanted; null if the request does not say.</summary>
    public bool? Multimask { get; }

    /// <summary>Whether the object is looked at closer.</summary>
    public bool Zooms { get; }

    /// <summary>Holes and islands smaller than this fraction of a mask are removed, 0 to 1.</summary>
    public double MinRegion { get; }

    /// <summary>Whether the prompt contains a mask.</summary>
    public bool HasMask => _mask is not null;

    /// <summary>Reads and validates all objects of a request.</summary>
    /// <exception cref="ApiException">
    /// An object is invalid, or there are too many; the message says which and why.
    /// </exception>
    public static IReadOnlyList<RequestedObject> Read(
        IReadOnlyList<PredictRequest.ObjectPrompt> objects, ImageGeometry picture, PocketSamOptions options)
    {
        if (objects.Count == 0)
            throw ApiException.InvalidPrompt("objects is empty: ask for one at least");
        if (objects.Count > options.MaxObjects)
            throw ApiException.InvalidPrompt($"{objects.Count} objects: at most {options.MaxObjects} are answered at a time");
        long pixels = (long)picture.Width * picture.Height;
        if (objects.Count > 1 && objects.Count * pixels > options.MaxObjectPixels)
        {
            throw ApiException.InvalidPrompt(FormattableString.Invariant(
                $"{objects.Count} objects of {pixels} pixels: at most {Math.Max(1, options.MaxObjectPixels / pixels)} are answered at a time for this picture"));
        }

        var prompts = new RequestedObject[objects.Count];
        for (int i = 0; i < prompts.Length; i++)
        {
            if (objects[i] is null || objects[i].Points?.Contains(null) == true)
                throw ApiException.InvalidPrompt($"object {i}: null is no prompt");
            try
            {
                prompts[i] = new RequestedObject(objects[i], picture, options.MaxPrompts);
            }
            catch (PromptException e)
            {
                throw ApiException.InvalidPrompt($"object {i}: {e.Message}");
            }
        }

        return prompts;
    }

    /// <summary>Makes the prompt, decoding its mask.</summary>
    public Prompt ToPrompt()
    {
        if (_mask is null)
            return _marks!;
        MaskLogits initial = MaskLogits.From(_mask.ToMask(), _picture);
        return _marks?.WithMask(initial) ?? Prompt.Mask(initial);
    }

    private static Prompt? Marks(PredictRequest.ObjectPrompt requested, int maxPrompts)
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

        if (requested.Box is not { } box)
            return prompt;
        if (box.Count != 4)
            throw new PromptException($"a box of {box.Count} numbers: give left, top, right, bottom");
        return prompt?.WithBox(box[0], box[1], box[2], box[3]) ?? Prompt.Box(box[0], box[1], box[2], box[3]);
    }
}
