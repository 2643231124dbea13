namespace PocketSam.Onnx;

/// <summary>Whose names, shapes and preparation of pictures a pair of files has.</summary>
public enum OnnxLayout
{
    /// <summary>
    /// The encoder takes normalised, padded pixels <c>input_image</c> [1, 3, S, S]; the decoder has the six inputs and three
    /// results of segment-anything's own export (scripts/export_onnx_model.py).
    /// </summary>
    Sam,

    /// <summary>
    /// As samexporter writes it for AnyLabeling and X-AnyLabeling: the encoder takes RGB from 0 to 255, <c>input_image</c>
    /// [rows, columns, 3] with neither more than S; the decoder is that of <see cref="Sam"/> with one mask.
    /// </summary>
    SamExporter,

    /// <summary>As transformers.js and Optimum have it: <c>vision_encoder.onnx</c> and <c>prompt_encoder_mask_decoder.onnx</c>.</summary>
    Transformers,
}
