using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace PocketSam.OnnxRuntime.Running;

/// <summary>How an image encoder takes pictures.</summary>
internal enum EncoderLayout
{
    /// <summary>Normalised planes [1, 3, S, S].</summary>
    Planes,

    /// <summary>The same, with the picture at the size of its patches beside them.</summary>
    PlanesAndPatches,

    /// <summary>RGB from 0 to 255, [rows, columns, 3].</summary>
    Pixels,

    /// <summary>Bytes of RGB, planes [1, 3, S, S].</summary>
    Bytes,
}

/// <summary>How a mask decoder takes prompts.</summary>
internal enum DecoderLayout
{
    /// <summary>The six inputs of segment-anything's export, or its five without a size.</summary>
    Official,

    /// <summary>Embedding, points and labels only, as EdgeSAM's export.</summary>
    Points,

    /// <summary>As Optimum and transformers.js have it.</summary>
    Transformers,
}

/// <summary>
/// What a file is, by the names and ranks of its inputs and results, never by its own name: names differ from exporter to
/// exporter where the meaning is the same.
/// </summary>
internal static class PairFacts
{
    public const string Embeddings = "image_embeddings", Coordinates = "point_coords", Labels = "point_labels", Mask = "mask_input",
        HasMask = "has_mask_input", Size = "orig_im_size", Points = "input_points", PointLabels = "input_labels",
        Positions = "image_positional_embeddings", Patches = "input_patches";

    private static readonly (string Name, string What)[] Others =
    [
        ("high_res_feats_0", "SAM 2, whose decoder takes other features"),
        ("interm_embeddings", "HQ-SAM, whose decoder takes further embeddings"),
        ("output0", "a YOLO"),
    ];

    /// <summary>How an encoder takes pictures.</summary>
    /// <exception cref="OnnxSetupException">It is no image encoder of SAM's family.</exception>
    public static EncoderLayout OfEncoder(InferenceSession session, string path)
    {
        RefuseOthers(session, path);
        IReadOnlyDictionary<string, NodeMetadata> inputs = session.InputMetadata;
        NodeMetadata[] maps = [.. session.OutputMetadata.Values.Where(m => m.ElementDataType == TensorElementType.Float && m.Dimensions.Length == 4)];
        if (maps.Length > 0 && inputs.Count is 1 or 2)
        {
            NodeMetadata picture = inputs.First(i => i.Key != Patches).Value;
            bool isColour = picture.Dimensions is [_, 3, _, _];
            if (inputs.Count == 2 && inputs.ContainsKey(Patches) && isColour && picture.ElementDataType == TensorElementType.Float)
                return EncoderLayout.PlanesAndPatches;
            if (inputs.Count == 1 && isColour && picture.ElementDataType == TensorElementType.Float)
                return EncoderLayout.Planes;
            if (inputs.Count == 1 && isColour && picture.ElementDataType == TensorElementType.UInt8)
                return EncoderLayout.Bytes;
            if (inputs.Count == 1 && picture.Dimensions is [_, _, 3] && picture.ElementDataType == TensorElementType.Float)
                return EncoderLayout.Pixels;
        }

        throw Unknown(session, path, "image encoder");
    }

    /// <summary>How a decoder takes prompts.</summary>
    /// <exception cref="OnnxSetupException">It is no mask decoder of SAM's family.</exception>
    public static DecoderLayout OfDecoder(InferenceSession session, string path)
    {
        RefuseOthers(session, path);
        string[] names = [.. session.InputMetadata.Keys];
        if (Are(Embeddings, Coordinates, Labels, Mask, HasMask, Size) || Are(Embeddings, Coordinates, Labels, Mask, HasMask))
            return DecoderLayout.Official;
        if (Are(Embeddings, Coordinates, Labels))
            return DecoderLayout.Points;
        if (Are(Positions, Embeddings, Points, PointLabels))
            return DecoderLayout.Transformers;
        throw Unknown(session, path, "mask decoder");

        bool Are(params string[] wanted) => names.ToHashSet().SetEquals(wanted)
            && names.All(name => name == PointLabels
                || session.InputMetadata[name].ElementDataType == TensorElementType.Float);
    }

    /// <summary>The name of the result that has one of the names.</summary>
    /// <exception cref="OnnxSetupException">None has.</exception>
    public static string Output(InferenceSession session, string path, params string[] names)
        => names.FirstOrDefault(session.OutputMetadata.ContainsKey)
            ?? throw new OnnxSetupException($"{path}: has none of the results {string.Join(", ", names)}, only {Names(session.OutputMetadata)}");

    private static void RefuseOthers(InferenceSession session, string path)
    {
        foreach ((string name, string what) in Others)
        {
            if (session.InputMetadata.ContainsKey(name) || session.OutputMetadata.ContainsKey(name))
                throw new OnnxSetupException($"{path}: is of {what}: it is not supported");
        }
    }

    private static OnnxSetupException Unknown(InferenceSession session, string path, string what) => new(
        $"{path}: no {what} of SAM's family: takes {Names(session.InputMetadata)} and gives {Names(session.OutputMetadata)}");

    private static string Names(IReadOnlyDictionary<string, NodeMetadata> values) => string.Join(", ", values.Select(
        v => $"{v.Key} {v.Value.ElementDataType} [{string.Join(", ", v.Value.Dimensions.Select(d => d < 0 ? "?" : d.ToString(System.Globalization.CultureInfo.InvariantCulture)))}]"));
}
