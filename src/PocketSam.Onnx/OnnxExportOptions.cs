namespace PocketSam.Onnx;

/// <summary>How a model is written as ONNX.</summary>
public sealed record OnnxExportOptions
{
    /// <summary>Names, shapes and preparation of pictures.</summary>
    public OnnxLayout Layout { get; init; }

    /// <summary>How weights are stored.</summary>
    public OnnxPrecision Precision { get; init; }

    /// <summary>
    /// Side of the input, which is fixed in a file; by default the model's own, and 1024 for
    /// <see cref="OnnxLayout.SamExporter"/>, whose readers feed no other, where the model takes it.
    /// </summary>
    public int? ImageSize { get; init; }

    /// <summary>
    /// Whether the decoder gives one mask for each object, chosen as the model does, instead of all; by default for
    /// <see cref="OnnxLayout.SamExporter"/> only. <see cref="OnnxLayout.Transformers"/> always has the three for ambiguous prompts.
    /// </summary>
    public bool? SingleMask { get; init; }

    /// <summary>
    /// Whether the decoder ends at low-resolution logits and takes no <c>orig_im_size</c>: the form for runtimes without resizing
    /// of sizes that depend on the call, such as OpenCV and TensorRT.
    /// </summary>
    public bool LowResolution { get; init; }

    /// <summary>Bytes of weights up to which they are part of the file; more lie beside it.</summary>
    internal long LargestFile { get; init; } = 1_900_000_000;
}
