using System.Text.Json;
using System.Text.Json.Serialization;

namespace PocketSam.Cli.Reports;

/// <summary>What <c>info --json</c> writes; what is not known is left out.</summary>
/// <param name="Model">Name, architecture, size; null where the architecture is not recognised.</param>
/// <param name="NotRecognised">Why it is not.</param>
/// <param name="Config">All architecture numbers.</param>
/// <param name="Gmac">Thousands of millions of multiply-adds.</param>
/// <param name="File">Null for the name of an architecture.</param>
/// <param name="Tensors">Tensors in the file.</param>
/// <param name="Values">Elements of all of them.</param>
/// <param name="Bytes">Bytes of all of them.</param>
/// <param name="Types">How many tensors of each element type.</param>
/// <param name="Missing">Keys of the architecture that the file has not.</param>
/// <param name="Unknown">Keys of the file that the architecture has not.</param>
/// <param name="Misshapen">Keys whose tensor has another shape in the file.</param>
/// <param name="Vectors">What this program computes with on this machine.</param>
/// <param name="Quantization">How it was quantised; null where it was not.</param>
/// <param name="Simulated">Quantisation that its layers simulate with floats; null where they do not.</param>
/// <param name="Licence">What is to be known of the model's licence, where its file does not carry it.</param>
/// <param name="Words">The words that it knows by itself; null where it knows none.</param>
/// <param name="Contents">All tensors, where the architecture is not recognised.</param>
internal sealed record InfoReport(
    ModelReport? Model, string? NotRecognised, JsonElement? Config, GmacReport? Gmac, FileReport? File, int Tensors,
    long Values, long Bytes, IReadOnlyDictionary<string, int> Types, IReadOnlyList<string> Missing,
    IReadOnlyList<string> Unknown, IReadOnlyList<string> Misshapen, VectorReport Vectors,
    QuantizationReport? Quantization, SimulatedReport? Simulated, string? Licence, IReadOnlyList<KnownWord>? Words,
    IReadOnlyList<TensorReport>? Contents);

/// <param name="Arithmetic"><c>int8</c>: the encoder's products are of whole numbers; <c>float</c>: weights are stored with 8 bits.</param>
/// <param name="FloatLayers">Layers whose products stay floats.</param>
/// <param name="Instructions">How this machine multiplies whole numbers.</param>
internal sealed record QuantizationReport(string Arithmetic, IReadOnlyList<string> FloatLayers, string Instructions);

/// <param name="Layers">How many layers simulate it.</param>
/// <param name="WeightBits">Bits of weights.</param>
/// <param name="ActivationBits">Bits of activations.</param>
/// <param name="Intervals">How many widths of a step the file has; nothing is rounded with them.</param>
internal sealed record SimulatedReport(int Layers, int? WeightBits, int? ActivationBits, int Intervals);

/// <param name="Bits">Of the vectors in use.</param>
/// <param name="ProcessorBits">Of the widest that the processor has.</param>
/// <param name="Advice">What to do where they differ.</param>
internal sealed record VectorReport(int Bits, int ProcessorBits, string? Advice);

/// <param name="Encoder">For a picture at the model's input size.</param>
/// <param name="Decoder">For a prompt of one point.</param>
internal sealed record GmacReport(double Encoder, double Decoder);

/// <param name="Path">The file, or <c>default</c>.</param>
/// <param name="Format">How it is written down.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="Container">The keys that lead to the state dict inside of it; empty where the file is the state dict.</param>
/// <param name="Prefix">What was taken off all keys.</param>
/// <param name="KeysOf">The library whose keys were read as SAM's, if there is one.</param>
internal sealed record FileReport(
    string Path, string Format, long Bytes, string Container, string Prefix, string? KeysOf = null);

/// <param name="Key">PyTorch's key.</param>
/// <param name="Type">Type of its elements.</param>
/// <param name="Shape">Its dimensions.</param>
internal sealed record TensorReport(string Key, string Type, IReadOnlyList<int> Shape);

/// <summary>What <c>info --json</c> writes of a cache of embeddings.</summary>
/// <param name="Cache">The folder.</param>
/// <param name="Teacher">The model that made them.</param>
/// <param name="Fingerprint">Of its image encoder.</param>
/// <param name="ImageSize">Side of its input.</param>
/// <param name="Shape">Rows, columns and channels of an embedding.</param>
/// <param name="Pictures">How many have an embedding.</param>
/// <param name="Shards">Files.</param>
/// <param name="Bytes">Bytes of the files.</param>
/// <param name="Torn">A line for each file that cannot be read.</param>
internal sealed record CacheReport(
    string Cache, string Teacher, string Fingerprint, int ImageSize, int[] Shape, int Pictures, int Shards, long Bytes,
    IReadOnlyList<string> Torn);

/// <summary>What <c>info --json</c> writes of a file of ONNX.</summary>
/// <param name="Onnx">The file.</param>
/// <param name="Part">What it is of a model of SAM's family.</param>
/// <param name="Unsupported">The model that it is of, where that is known and not supported.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="FormatVersion">Version of the format.</param>
/// <param name="OperatorSet">Version of ONNX's own operator set.</param>
/// <param name="Producer">What wrote it.</param>
/// <param name="Inputs">What must be given at each call.</param>
/// <param name="Outputs">What it gives.</param>
/// <param name="Operations">How many nodes there are of each operation.</param>
/// <param name="Tensors">Weights and constants.</param>
/// <param name="Values">Elements of all of them.</param>
/// <param name="TensorBytes">Bytes of all of them.</param>
/// <param name="Types">How many there are of each element type.</param>
/// <param name="ExternalFiles">Files beside it that hold weights, and whether they are there.</param>
/// <param name="Metadata">Facts that it carries, by name.</param>
internal sealed record OnnxReport(
    string Onnx, string Part, string? Unsupported, long Bytes, long FormatVersion, long OperatorSet, string Producer,
    IReadOnlyList<OnnxPortReport> Inputs, IReadOnlyList<OnnxPortReport> Outputs, IReadOnlyDictionary<string, int> Operations, int Tensors,
    long Values, long TensorBytes, IReadOnlyDictionary<string, int> Types, IReadOnlyDictionary<string, bool> ExternalFiles,
    IReadOnlyDictionary<string, string> Metadata);

/// <param name="Name">Its name.</param>
/// <param name="Type">Type of its elements.</param>
/// <param name="Sizes">Its sizes; null where one differs from call to call.</param>
internal sealed record OnnxPortReport(string Name, string Type, IReadOnlyList<long?> Sizes);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    WriteIndented = true)]
[JsonSerializable(typeof(InfoReport))]
[JsonSerializable(typeof(CacheReport))]
[JsonSerializable(typeof(OnnxReport))]
internal sealed partial class InfoJson : JsonSerializerContext;
