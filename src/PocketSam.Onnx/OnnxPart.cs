namespace PocketSam.Onnx;

/// <summary>
/// What a file is of a model of SAM's family, by the names and ranks of its inputs and results, never by its own name: names
/// differ from exporter to exporter where the meaning is the same.
/// </summary>
public enum OnnxPart
{
    /// <summary>None that is known.</summary>
    Other = 0,

    /// <summary>An image encoder that takes normalised planes [1, 3, S, S].</summary>
    PlanesEncoder = 1,

    /// <summary>The same, with the picture at the size of its patches beside them.</summary>
    PatchesEncoder = 2,

    /// <summary>An image encoder that takes RGB from 0 to 255, [rows, columns, 3].</summary>
    PixelsEncoder = 3,

    /// <summary>An image encoder that takes bytes of RGB, planes [1, 3, S, S].</summary>
    BytesEncoder = 4,

    /// <summary>A mask decoder with the six inputs of segment-anything's export, or its five without a size.</summary>
    OfficialDecoder = 5,

    /// <summary>A mask decoder that takes embedding, points and labels only, as EdgeSAM's export.</summary>
    PointsDecoder = 6,

    /// <summary>A mask decoder as Optimum and transformers.js have it.</summary>
    TransformersDecoder = 7,
}
