using System.Text.Json;
using System.Text.Json.Serialization;

namespace PocketSam.Cli.Reports;

/// <summary>What <c>info --json</c> writes; unknown values are omitted.</summary>
/// <param name="Model">Name, architecture and size; null if the architecture is not recognised.</param>
/// <param name="NotRecognised">Why the architecture is not recognised.</param>
/// <param name="Config">The architecture's configuration.</param>
/// <param name="Gmac">Billions of multiply-adds.</param>
/// <param name="File">The file; null for the name of an architecture.</param>
/// <param name="Tensors">Number of tensors in the file.</param>
/// <param name="Values">Elements of all tensors.</param>
/// <param name="Bytes">Bytes of all tensors.</param>
/// <param name="Types">Number of tensors by element type.</param>
/// <param name="Missing">Keys of the architecture that the file lacks.</param>
/// <param name="Unknown">Keys of the file that the architecture lacks.</param>
/// <param name="Misshapen">Keys whose tensor has another shape than in the architecture.</param>
/// <param name="Vectors">The SIMD vectors that the program uses on this machine.</param>
/// <param name="Quantization">Quantisation of the model; null if it is not quantised.</param>
/// <param name="Simulated">Quantisation that layers simulate in floating point; null if none do.</param>
/// <param name="Licence">A note on the model's licence, if the file does not contain it.</param>
/// <param name="Words">The words that the model knows itself; null if it knows none.</param>
/// <param name="Contents">All tensors, if the architecture is not recognised.</param>
internal sealed record InfoReport(
    ModelReport? Model, string? NotRecognised, JsonElement? Config, GmacReport? Gmac, FileReport? File, int Tensors,
    long Values, long Bytes, IReadOnlyDictionary<string, int> Types, IReadOnlyList<string> Missing,
    IReadOnlyList<string> Unknown, IReadOnlyList<string> Misshapen, VectorReport Vectors,
    QuantizationReport? Quantization, SimulatedReport? Simulated, string? Licence, IReadOnlyList<KnownWord>? Words,
    IReadOnlyList<TensorReport>? Contents);

/// <param name="Arithmetic">
/// <c>int8</c>: the encoder multiplies 8-bit integers; <c>float</c>: only the stored weights have 8 bits.
/// </param>
/// <param name="FloatLayers">Layers that stay in floating point.</param>
/// <param name="Instructions">The instructions with which this machine multiplies integers.</param>
internal sealed record QuantizationReport(string Arithmetic, IReadOnlyList<string> FloatLayers, string Instructions);

/// <param name="Layers">Number of layers that simulate it.</param>
/// <param name="WeightBits">Bits of the weights.</param>
/// <param name="ActivationBits">Bits of the activations.</param>
/// <param name="Intervals">Number of quantisation intervals in the file; they are not used for rounding.</param>
internal sealed record SimulatedReport(int Layers, int? WeightBits, int? ActivationBits, int Intervals);

/// <param name="Bits">Bits of the vectors in use.</param>
/// <param name="ProcessorBits">Bits of the processor's widest vectors.</param>
/// <param name="Advice">What to do if the two differ.</param>
internal sealed record VectorReport(int Bits, int ProcessorBits, string? Advice);

/// <param name="Encoder">Billions of multiply-adds for a picture at the model's input size.</param>
/// <param name="Decoder">Billions of multiply-adds for a prompt of one point.</param>
internal sealed record GmacReport(double Encoder, double Decoder);

/// <param name="Path">Path of the file, or <c>default</c>.</param>
/// <param name="Format">Its format.</param>
/// <param name="Bytes">Its length in bytes.</param>
/// <param name="Container">Keys that lead to the state dict in the file; empty if the file is the state dict.</param>
/// <param name="Prefix">Prefix that is removed from all keys.</param>
/// <param name="KeysOf">The library whose keys are translated to SAM's; null for SAM's own.</param>
internal sealed record FileReport(
    string Path, string Format, long Bytes, string Container, string Prefix, string? KeysOf = null);

/// <param name="Key">PyTorch's key.</param>
/// <param name="Type">Its element type.</param>
/// <param name="Shape">Its shape.</param>
internal sealed record TensorReport(string Key, string Type, IReadOnlyList<int> Shape);

/// <summary>What <c>info --json</c> writes for a cache of embeddings.</summary>
/// <param name="Cache">Path of the cache's folder.</param>
/// <param name="Teacher">The model that computed the embeddings.</param>
/// <param name="Fingerprint">Fingerprint of its image encoder.</param>
/// <param name="ImageSize">Side of its input in pixels.</param>
/// <param name="Shape">Rows, columns and channels of an embedding.</param>
/// <param name="Pictures">Number of pictures with an embedding.</param>
/// <param name="Shards">Number of files.</param>
/// <param name="Bytes">Bytes of all files.</param>
/// <param name="Torn">A message for each file that cannot be read.</param>
internal sealed record CacheReport(
    string Cache, string Teacher, string Fingerprint, int ImageSize, int[] Shape, int Pictures, int Shards, long Bytes,
    IReadOnlyList<string> Torn);

/// <summary>What <c>info --json</c> writes for an ONNX file.</summary>
/// <param name="Onnx">Path of the file.</param>
/// <param name="Part">The part of a SAM model that it is.</param>
/// <param name="Unsupported">The kind of model that it belongs to, if it is a known one that is not supported.</param>
/// <param name="Bytes">Its length in bytes.</param>
/// <param name="FormatVersion">Version of the ONNX format (<c>ir_version</c>).</param>
/// <param name="OperatorSet">Version of the default operator set.</param>
/// <param name="Producer">The program that wrote it.</param>
/// <param name="Inputs">Inputs of the graph.</param>
/// <param name="Outputs">Outputs of the graph.</param>
/// <param name="Operations">Number of nodes by operator.</param>
/// <param name="Tensors">Number of stored tensors: weights and constants.</param>
/// <param name="Values">Elements of all tensors.</param>
/// <param name="TensorBytes">Bytes of all tensors.</param>
/// <param name="Types">Number of stored tensors by element type.</param>
/// <param name="ExternalFiles">External data files with weights, and whether they exist.</param>
/// <param name="Metadata">Metadata, by key.</param>
internal sealed record OnnxReport(
    string Onnx, string Part, string? Unsupported, long Bytes, long FormatVersion, long OperatorSet, string Producer,
    IReadOnlyList<OnnxPortReport> Inputs, IReadOnlyList<OnnxPortReport> Outputs, IReadOnlyDictionary<string, int> Operations, int Tensors,
    long Values, long TensorBytes, IReadOnlyDictionary<string, int> Types, IReadOnlyDictionary<string, bool> ExternalFiles,
    IReadOnlyDictionary<string, string> Metadata);

/// <param name="Name">Its name.</param>
/// <param name="Type">Its element type.</param>
/// <param name="Sizes">Its shape; null for a size that depends on the call.</param>
internal sealed record OnnxPortReport(string Name, string Type, IReadOnlyList<long?> Sizes);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    WriteIndented = true)]
[JsonSerializable(typeof(InfoReport))]
[JsonSerializable(typeof(CacheReport))]
[JsonSerializable(typeof(OnnxReport))]
internal sealed partial class InfoJson : JsonSerializerContext;
