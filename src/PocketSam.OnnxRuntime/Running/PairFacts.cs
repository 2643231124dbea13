using Microsoft.ML.OnnxRuntime;
using PocketSam.Onnx;

namespace PocketSam.OnnxRuntime.Running;

/// <summary>Recognises an open file by its inputs and outputs.</summary>
internal static class PairFacts
{
    /// <summary>The kind of an image encoder.</summary>
    /// <exception cref="OnnxSetupException">The file is not a supported image encoder.</exception>
    public static OnnxPart OfEncoder(InferenceSession session, string path)
    {
        OnnxPart part = Of(session, path);
        return part is OnnxPart.PlanesEncoder or OnnxPart.PatchesEncoder or OnnxPart.PixelsEncoder or OnnxPart.BytesEncoder
            ? part : throw Unknown(session, path, "image encoder");
    }

    /// <summary>The kind of a mask decoder.</summary>
    /// <exception cref="OnnxSetupException">The file is not a supported mask decoder.</exception>
    public static OnnxPart OfDecoder(InferenceSession session, string path)
    {
        OnnxPart part = Of(session, path);
        return part is OnnxPart.OfficialDecoder or OnnxPart.PointsDecoder or OnnxPart.TransformersDecoder
            ? part : throw Unknown(session, path, "mask decoder");
    }

    /// <summary>The first of the names that the file has as an output.</summary>
    /// <exception cref="OnnxSetupException">The file has none of them.</exception>
    public static string Output(InferenceSession session, string path, params string[] names)
        => names.FirstOrDefault(session.OutputMetadata.ContainsKey)
            ?? throw new OnnxSetupException($"{path}: has none of the results {string.Join(", ", names)}, only {Names(session.OutputMetadata)}");

    private static OnnxPart Of(InferenceSession session, string path)
    {
        OnnxPart part = OnnxFile.Recognize(Ports(session.InputMetadata), Ports(session.OutputMetadata), out string? unsupported);
        return unsupported is null ? part : throw new OnnxSetupException($"{path}: is of {unsupported}: it is not supported");
    }

    private static OnnxSetupException Unknown(InferenceSession session, string path, string what) => new(
        $"{path}: no {what} of SAM's family: takes {Names(session.InputMetadata)} and gives {Names(session.OutputMetadata)}");

    private static string Names(IReadOnlyDictionary<string, NodeMetadata> values) => string.Join<OnnxPort>(", ", Ports(values));

    private static OnnxPort[] Ports(IReadOnlyDictionary<string, NodeMetadata> values) => [.. values.Select(value => new OnnxPort(
        value.Key, value.Value.IsTensor ? value.Value.ElementDataType.ToString().ToLowerInvariant() : value.Value.OnnxValueType.ToString(),
        [.. (value.Value.IsTensor ? value.Value.Dimensions : []).Select(size => size < 0 ? (long?)null : size)]))];
}
