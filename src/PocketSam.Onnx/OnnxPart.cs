namespace PocketSam.Onnx;

/// <summary>
/// The part of a SAM model that a file holds, recognised by the names and ranks of its inputs and outputs and never by
/// the file's name, as exporters name files differently.
/// </summary>
public enum OnnxPart
{
    /// <summary>Not a known part.</summary>
    Other = 0,

    /// <summary>An image encoder that takes normalised pixels [1, 3, S, S].</summary>
    PlanesEncoder = 1,

    /// <summary>
    /// A <see cref="PlanesEncoder"/> that also takes the picture at its patch resolution, [1, 3, rows, columns].
    /// </summary>
    PatchesEncoder = 2,

    /// <summary>An image encoder that takes RGB of 0 to 255 as floats, [rows, columns, 3].</summary>
    PixelsEncoder = 3,

    /// <summary>An image encoder that takes RGB as bytes, [1, 3, S, S].</summary>
    BytesEncoder = 4,

    /// <summary>
    /// A mask decoder with the six inputs of segment-anything's export, or five, without the picture's size.
    /// </summary>
    OfficialDecoder = 5,

    /// <summary>A mask decoder that takes only embedding, points and labels, as in EdgeSAM's export.</summary>
    PointsDecoder = 6,

    /// <summary>A mask decoder in the layout of Optimum and transformers.js.</summary>
    TransformersDecoder = 7,
}
