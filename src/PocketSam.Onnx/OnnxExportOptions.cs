namespace PocketSam.Onnx;

/// <summary>Options of <see cref="OnnxExporter"/>.</summary>
public sealed record OnnxExportOptions
{
    /// <summary>Names and shapes of inputs and outputs, and who prepares pictures.</summary>
    public OnnxLayout Layout { get; init; }

    /// <summary>How weights are stored.</summary>
    public OnnxPrecision Precision { get; init; }

    /// <summary>
    /// Side of the square input in pixels; a file has one fixed size. The default is the model's own, or 1024 for <see
    /// cref="OnnxLayout.SamExporter"/> where the model supports it, as programs that read that layout use no other.
    /// </summary>
    public int? ImageSize { get; init; }

    /// <summary>
    /// Whether the decoder returns one mask for each object, chosen as the model does, instead of all. True by default
    /// for <see cref="OnnxLayout.SamExporter"/> only. <see cref="OnnxLayout.Transformers"/> ignores it and always
    /// returns the three masks for ambiguous prompts.
    /// </summary>
    public bool? SingleMask { get; init; }

    /// <summary>
    /// Whether the decoder returns low-resolution logits only and has no input <c>orig_im_size</c>. Runtimes that
    /// cannot resize to a size given at the call, such as OpenCV and TensorRT, need this form.
    /// </summary>
    public bool LowResolution { get; init; }

    /// <summary>
    /// Bytes of weights up to which they are stored in the file itself; above it they go to a file beside it.
    /// </summary>
    internal long LargestFile { get; init; } = 1_900_000_000;
}
