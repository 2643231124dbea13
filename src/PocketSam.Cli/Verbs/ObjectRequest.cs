using PocketSam.Checkpoints;
using PocketSam.Cli.Reports;
using PocketSam.Segmentation;

namespace PocketSam.Cli.Verbs;

/// <summary>What was typed for one object.</summary>
internal sealed class ObjectRequest
{
    /// <summary>Name of the tensor in files of logits.</summary>
    public const string LogitsTensor = "logits";

    public List<PromptPoint> Points { get; } = [];

    public PromptBox? Box { get; set; }

    /// <summary>A file of logits.</summary>
    public string? MaskPath { get; set; }

    public bool IsEmpty => Points.Count == 0 && Box is null && MaskPath is null;

    /// <summary>The prompt; reads the file of logits if there is one.</summary>
    /// <exception cref="PromptException">A coordinate is not a number, or the box holds nothing.</exception>
    /// <exception cref="IOException">The file cannot be read, or does not hold logits.</exception>
    public Prompt ToPrompt()
    {
        Prompt? prompt = Box is { } box ? Prompt.Box(box.Left, box.Top, box.Right, box.Bottom) : null;
        foreach (PromptPoint p in Points)
            prompt = prompt?.WithPoint(p.X, p.Y, p.IsForeground) ?? Prompt.Point(p.X, p.Y, p.IsForeground);
        if (prompt is null)
            throw new PromptException("an object has neither a point nor a box");
        return MaskPath is null ? prompt : prompt.WithMask(ReadLogits(MaskPath));
    }

    public PromptReport ToReport() => new(
        [.. Points.Select(p => new PointReport(p.X, p.Y, p.IsForeground ? 1 : 0))],
        Box is { } box ? [box.Left, box.Top, box.Right, box.Bottom] : null,
        MaskPath);

    private static MaskLogits ReadLogits(string path)
    {
        if (!File.Exists(path))
            throw new FileNotFoundException($"{path}: no such file", path);
        Checkpoint file = Safetensors.Read(path);
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
