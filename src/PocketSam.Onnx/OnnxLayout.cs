namespace PocketSam.Onnx;

/// <summary>
/// The convention of a pair of files: names and shapes of inputs and outputs, and who prepares pictures.
/// </summary>
public enum OnnxLayout
{
    /// <summary>
    /// The encoder takes normalised, padded pixels <c>input_image</c> [1, 3, S, S]; the decoder has the six inputs and
    /// three outputs of segment-anything's own export (scripts/export_onnx_model.py).
    /// </summary>
    Sam,

    /// <summary>
    /// As samexporter writes for AnyLabeling and X-AnyLabeling: the encoder takes RGB of 0 to 255, <c>input_image</c>
    /// [rows, columns, 3], at most S each; the decoder is that of <see cref="Sam"/> with one mask for each object.
    /// </summary>
    SamExporter,

    /// <summary>
    /// As Optimum writes and transformers.js reads: <c>vision_encoder.onnx</c> and
    /// <c>prompt_encoder_mask_decoder.onnx</c>.
    /// </summary>
    Transformers,
}
