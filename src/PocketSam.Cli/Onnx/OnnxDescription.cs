using System.Globalization;
using PocketSam.Cli.Reports;
using PocketSam.Onnx;

namespace PocketSam.Cli.Onnx;

/// <summary>Describes an ONNX file.</summary>
internal static class OnnxDescription
{
    /// <summary>Longest metadata value that is printed in full; the JSON report is not shortened.</summary>
    private const int LongestFact = 100;

    /// <summary>Writes the description as text.</summary>
    /// <returns>The description for JSON.</returns>
    public static OnnxReport Write(OnnxFile file, TextWriter text)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(file.Path))!;
        Dictionary<string, bool> beside = file.ExternalFiles.ToDictionary(name => name, name => File.Exists(Path.Combine(folder, name)));
        string part = NameOf(file.Part);
        text.WriteLine($"file          {file.Path}");
        text.WriteLine(Text($"format        ONNX, version {file.Version}, operator set {file.OperatorSet}, {file.Bytes / 1e6:0.0} MB"));
        foreach ((string name, bool isThere) in beside)
            text.WriteLine($"weights in    {EscapingWriter.OneLine(name)}{(isThere ? "" : ": missing")}");
        if (file.Producer.Length > 0)
            text.WriteLine($"written by    {EscapingWriter.OneLine(file.Producer)}");
        text.WriteLine($"what          {(file.Unsupported is { } other ? $"of {other}: it is not supported" : part)}");
        WritePorts("takes", file.Inputs);
        WritePorts("gives", file.Outputs);
        string types = string.Join(", ", file.Types.Select(type => $"{type.Value} {type.Key}"));
        text.WriteLine(Text($"tensors       {types}; {file.Values:N0} values, {file.TensorBytes / 1e6:0.0} MB"));
        text.WriteLine($"operations    {EscapingWriter.OneLine(string.Join(", ", file.Operations.Select(operation => $"{operation.Value} {operation.Key}")))}");
        foreach ((string name, string value) in file.Metadata)
        {
            string shown = value.Length > LongestFact ? value[..LongestFact] + " …" : value;
            text.WriteLine($"  {EscapingWriter.OneLine(name)} = {EscapingWriter.OneLine(shown)}");
        }

        return new OnnxReport(
            file.Path, part, file.Unsupported, file.Bytes, file.Version, file.OperatorSet, file.Producer, Reports(file.Inputs), Reports(file.Outputs),
            file.Operations, file.Tensors, file.Values, file.TensorBytes, file.Types, beside, file.Metadata);

        void WritePorts(string what, IReadOnlyList<OnnxPort> ports)
        {
            foreach (OnnxPort port in ports)
                text.WriteLine($"{what,-13} {EscapingWriter.OneLine(port.ToString())}");
        }

        static OnnxPortReport[] Reports(IReadOnlyList<OnnxPort> ports) => [.. ports.Select(port => new OnnxPortReport(port.Name, port.ElementType, port.Sizes))];
    }

    private static string NameOf(OnnxPart part) => part switch
    {
        OnnxPart.PlanesEncoder => "image encoder, of normalised planes",
        OnnxPart.PatchesEncoder => "image encoder, of normalised planes and patches",
        OnnxPart.PixelsEncoder => "image encoder, of RGB from 0 to 255",
        OnnxPart.BytesEncoder => "image encoder, of bytes",
        OnnxPart.OfficialDecoder => "mask decoder, with segment-anything's inputs",
        OnnxPart.PointsDecoder => "mask decoder, of points alone",
        OnnxPart.TransformersDecoder => "mask decoder, with transformers' inputs",
        _ => "no part of a model of SAM's family that is known",
    };

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
