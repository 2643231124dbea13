namespace PocketSam.Onnx;

/// <summary>Names of inputs that files of SAM's family share, whoever wrote them.</summary>
public static class OnnxNames
{
    /// <summary>What an encoder gives and a decoder takes: [1, C, side, side].</summary>
    public const string Embeddings = "image_embeddings";

    /// <summary>Points of segment-anything's export: [objects, points, 2], pixels of the input.</summary>
    public const string Coordinates = "point_coords";

    /// <summary>What those points are: [objects, points].</summary>
    public const string Labels = "point_labels";

    /// <summary>Logits to start from: [1, 1, 4 side, 4 side].</summary>
    public const string Mask = "mask_input";

    /// <summary>Whether there are such logits: one number, 0 or 1.</summary>
    public const string HasMask = "has_mask_input";

    /// <summary>Rows and columns of the picture, where the decoder enlarges its masks.</summary>
    public const string Size = "orig_im_size";

    /// <summary>Points of transformers' export: [1, objects, points, 2].</summary>
    public const string Points = "input_points";

    /// <summary>What those points are: [1, objects, points], whole numbers.</summary>
    public const string PointLabels = "input_labels";

    /// <summary>Encoded positions, which transformers' encoder gives beside the embedding.</summary>
    public const string Positions = "image_positional_embeddings";

    /// <summary>The picture at the size of a DINOv2's patches: [1, 3, rows, columns].</summary>
    public const string Patches = "input_patches";
}
