namespace PocketSam.Onnx;

/// <summary>Names of inputs and outputs that the exporters of SAM models share.</summary>
public static class OnnxNames
{
    /// <summary>Image embedding, output of the encoder and input of the decoder: [1, C, side, side].</summary>
    public const string Embeddings = "image_embeddings";

    /// <summary>Points in segment-anything's export: [objects, points, 2], x and y in pixels of the input.</summary>
    public const string Coordinates = "point_coords";

    /// <summary>Labels of those points: [objects, points], as floats.</summary>
    public const string Labels = "point_labels";

    /// <summary>Logits of a mask prompt: [1, 1, 4 side, 4 side].</summary>
    public const string Mask = "mask_input";

    /// <summary>Whether there is a mask prompt: [1], 0 or 1.</summary>
    public const string HasMask = "has_mask_input";

    /// <summary>Rows and columns of the picture, [2], for decoders that return masks at its size.</summary>
    public const string Size = "orig_im_size";

    /// <summary>Points in transformers' export: [1, objects, points, 2], x and y in pixels of the input.</summary>
    public const string Points = "input_points";

    /// <summary>Labels of those points: [1, objects, points], as int64.</summary>
    public const string PointLabels = "input_labels";

    /// <summary>Positional encoding, second output of transformers' encoder: [1, C, side, side].</summary>
    public const string Positions = "image_positional_embeddings";

    /// <summary>The picture at the patch resolution of a DINOv2 encoder: [1, 3, rows, columns].</summary>
    public const string Patches = "input_patches";
}
