using PocketSam.Cli.Reports;
using PocketSam.Imaging;

namespace PocketSam.Cli.Verbs;

/// <summary>The prompt of one object as given on the command line.</summary>
internal sealed class ObjectRequest
{
    /// <summary>Name of the tensor in files of logits.</summary>
    public const string LogitsTensor = "logits";

    private const string MaskExtension = ".png";

    public List<PromptPoint> Points { get; } = [];

    public PromptBox? Box { get; set; }

    /// <summary>Path of a mask as PNG, or of a file of logits.</summary>
    public string? MaskPath { get; set; }

    public bool IsEmpty => Points.Count == 0 && Box is null && MaskPath is null;

    /// <summary>Whether it is a complete prompt: logits need a point or a box, a mask as PNG does not.</summary>
    public bool IsComplete => Points.Count > 0 || Box is not null || HasPictureOfMask;

    private bool HasPictureOfMask
        => MaskPath is not null && Path.GetExtension(MaskPath).Equals(MaskExtension, StringComparison.OrdinalIgnoreCase);

    /// <summary>
    /// Makes the prompt, reading the mask if there is one. A mask without points and box gets a point, which is added
    /// to <see cref="Points"/>.
    /// </summary>
    /// <param name="width">Width in pixels of the picture that the prompt is for.</param>
    /// <param name="height">Height of the picture in pixels.</param>
    /// <exception cref="PromptException">
    /// A coordinate is not a number, the box is empty, or the mask is empty or of another size.
    /// </exception>
    /// <exception cref="IOException">The mask's file cannot be read or has other contents.</exception>
    public Prompt ToPrompt(int width, int height)
    {
        BinaryMask? mask = HasPictureOfMask ? ReadMask(MaskPath!, width, height) : null;
        if (mask is not null && Points.Count == 0 && Box is null)
        {
            Prompt refined = Prompt.Refine(mask);
            Points.AddRange(refined.Points);
            return refined;
        }

        Prompt? prompt = Box is { } box ? Prompt.Box(box.Left, box.Top, box.Right, box.Bottom) : null;
        foreach (PromptPoint p in Points)
            prompt = prompt?.WithPoint(p.X, p.Y, p.IsForeground) ?? Prompt.Point(p.X, p.Y, p.IsForeground);
        if (prompt is null)
            throw new PromptException("an object has neither a point nor a box");
        if (mask is not null)
            return prompt.WithMask(mask);
        return MaskPath is null ? prompt : prompt.WithMask(ReadLogits(MaskPath));
    }

    public PromptReport ToReport() => new(
        [.. Points.Select(p => new PointReport(p.X, p.Y, p.IsForeground ? 1 : 0))],
        Box is { } box ? [box.Left, box.Top, box.Right, box.Bottom] : null,
        MaskPath);

    private static BinaryMask ReadMask(string path, int width, int height)
    {
        BinaryMask mask = ImageFile.ReadMask(path);
        if (mask.Width != width || mask.Height != height)
        {
            throw new PromptException(
                $"{path}: a mask of {mask.Width}x{mask.Height}, but the picture has {width}x{height}");
        }

        return mask.Bounds.IsEmpty ? throw new PromptException($"{path}: an empty mask: every pixel is black or transparent") : mask;
    }

    private static MaskLogits ReadLogits(string path)
    {
        using Checkpoint file = CheckpointFile.Read(path);
        if (!file.Tensors.TryGetValue(LogitsTensor, out StoredTensor? tensor))
            throw new CheckpointFormatException(path, $"has no tensor {LogitsTensor}");
        if (tensor.Shape is not [int rows, int columns] || rows != columns || rows == 0)
        {
            throw new CheckpointFormatException(
                path, $"tensor {LogitsTensor}: shape [{string.Join(", ", tensor.Shape)}] is not that of a square");
        }

        float[] values = tensor.ToFloats();
        if (!values.All(float.IsFinite))
            throw new CheckpointFormatException(path, $"tensor {LogitsTensor}: holds values that are not finite");
        return new MaskLogits(rows, values.AsSpan());
    }
}
