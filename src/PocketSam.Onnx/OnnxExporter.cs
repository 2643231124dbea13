using PocketSam.Models;
using PocketSam.Onnx.Export;
using PocketSam.Onnx.Wire;

namespace PocketSam.Onnx;

/// <summary>
/// Writes a model as two ONNX files, operator set 17. The graphs come from a trace of the library's own forward pass,
/// with batch norm folded into convolutions.
/// </summary>
/// <example>
/// <code>
/// OnnxPair pair = OnnxExporter.Export(Sam.Default, "exported", new OnnxExportOptions { Precision = OnnxPrecision.Float16 });
/// Console.WriteLine(pair.Encoder);
/// </code>
/// </example>
public static class OnnxExporter
{
    /// <summary>Input size that programs for samexporter's files use, in pixels.</summary>
    private const int SamExporterSize = 1024;

    /// <summary>
    /// Alignment in bytes of tensors in an external data file: a page, so that they can be memory-mapped.
    /// </summary>
    private const int ExternalAlignment = 4096;

    /// <summary>
    /// The files that <see cref="Export"/> writes in a layout, apart from external data files for large weights.
    /// </summary>
    /// <param name="folder">The output folder.</param>
    /// <param name="layout">The layout.</param>
    public static IReadOnlyList<string> FilesOf(string folder, OnnxLayout layout)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        string[] names = layout == OnnxLayout.Transformers
            ? ["onnx/vision_encoder.onnx", "onnx/prompt_encoder_mask_decoder.onnx", "config.json", "preprocessor_config.json"]
            : ["encoder.onnx", "decoder.onnx"];
        return [.. names.Select(name => Path.Combine(folder, name))];
    }

    /// <summary>
    /// Writes only the decoder (prompt encoder and mask decoder) as one file, for programs that get the embedding from
    /// elsewhere, such as the server's page in a browser.
    /// </summary>
    /// <param name="sam">The model.</param>
    /// <param name="stream">Receives the file.</param>
    /// <param name="options">The options; null for the defaults.</param>
    /// <param name="cancellation">Checked between tensors.</param>
    /// <exception cref="ArgumentException">
    /// The model does not support the input size, its decoder is an <see cref="IDecoderBackend"/>, a weight is out of
    /// the range of half precision, or <see cref="OnnxPrecision.Int8"/> is set and the model is not quantised.
    /// </exception>
    /// <exception cref="NotSupportedException">
    /// The decoder computes something that operator set 17 has no operator for.
    /// </exception>
    /// <exception cref="IOException">The stream cannot be written.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellation"/> was cancelled.</exception>
    public static void WriteDecoder(
        Sam sam, Stream stream, OnnxExportOptions? options = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(sam);
        ArgumentNullException.ThrowIfNull(stream);
        options ??= new OnnxExportOptions();
        int size = SizeOf(sam, options);
        if (sam.Model.PromptDecoder is BackendMaskDecoder)
            throw new ArgumentException($"{sam.Name} is decoded elsewhere: there is nothing of it to write");
        Pack(sam, size, options, DecoderGraph.Create(sam.Model, size, options, cancellation), isEncoder: false)
            .ToWire().CopyTo(stream, cancellation);
    }

    /// <summary>Writes the files of a model. Each file is written completely or not at all.</summary>
    /// <param name="sam">The model.</param>
    /// <param name="folder">The output folder; created if missing.</param>
    /// <param name="options">The options; null for the defaults.</param>
    /// <param name="progress">Receives the fraction of bytes written, 0 to 1.</param>
    /// <param name="cancellation">Checked between tensors.</param>
    /// <exception cref="ArgumentException">
    /// The model does not support the input size, its encoder does not fit the layout, a weight is out of the range of
    /// half precision, or <see cref="OnnxPrecision.Int8"/> is set and the model is not quantised.
    /// </exception>
    /// <exception cref="IOException">A file cannot be written.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellation"/> was cancelled.</exception>
    public static OnnxPair Export(
        Sam sam, string folder, OnnxExportOptions? options = null, IProgress<double>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(sam);
        ArgumentException.ThrowIfNullOrEmpty(folder);
        options ??= new OnnxExportOptions();
        int size = SizeOf(sam, options);
        SamModel model = sam.Model;
        OnnxModel encoder = Pack(sam, size, options, EncoderGraph.Create(model, size, options, cancellation), isEncoder: true);
        OnnxModel decoder = Pack(sam, size, options, DecoderGraph.Create(model, size, options, cancellation), isEncoder: false);
        string[] files = [.. FilesOf(folder, options.Layout)];
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(files[0]))!);
        long all = Weigh(encoder) + Weigh(decoder), done = 0;
        List<string> written = [.. files];
        Write(encoder, files[0]);
        Write(decoder, files[1]);
        if (options.Layout == OnnxLayout.Transformers)
        {
            AtomicFile.Write(files[2], stream => TransformersSettings.WriteModel(stream, sam.Config, size));
            AtomicFile.Write(files[3], stream => TransformersSettings.WritePreparation(stream, size));
        }

        return new OnnxPair(files[0], files[1], size, written);

        void Write(OnnxModel file, string path)
        {
            if (Weigh(file) > options.LargestFile)
            {
                string beside = path + "_data";
                file = WriteBeside(file, beside);
                written.Add(beside);
            }

            file = file with { Graph = file.Graph with { Initializers = [.. file.Graph.Initializers.Select(Counted)] } };
            AtomicFile.Write(path, stream => file.ToWire().CopyTo(stream, cancellation));
        }

        OnnxModel WriteBeside(OnnxModel file, string path)
        {
            List<OnnxTensor> tensors = [];
            AtomicFile.Write(path, stream =>
            {
                foreach (OnnxTensor tensor in file.Graph.Initializers)
                {
                    cancellation.ThrowIfCancellationRequested();
                    if (tensor.ByteLength < ExternalAlignment)
                    {
                        tensors.Add(tensor);
                        continue;
                    }

                    long start = (stream.Position + ExternalAlignment - 1) / ExternalAlignment * ExternalAlignment;
                    stream.Write(new byte[start - stream.Position]);
                    stream.Write(Counted(tensor).Values!());
                    tensors.Add(tensor with { External = (Path.GetFileName(path), start), Values = null });
                }
            });
            return file with { Graph = file.Graph with { Initializers = tensors } };
        }

        OnnxTensor Counted(OnnxTensor tensor) => tensor.Values is not { } values ? tensor : tensor with
        {
            Values = () =>
            {
                byte[] bytes = values();
                done += bytes.Length;
                progress?.Report((double)done / all);
                return bytes;
            },
        };

        static long Weigh(OnnxModel model) => model.Graph.Initializers.Sum(tensor => tensor.ByteLength);
    }

    /// <summary>Side of the input in pixels.</summary>
    /// <exception cref="ArgumentException">The options do not fit the model.</exception>
    private static int SizeOf(Sam sam, OnnxExportOptions options)
    {
        SamConfig config = sam.Config;
        int size = options.ImageSize
            ?? (options.Layout == OnnxLayout.SamExporter && !config.Encoder.FixedInputSize ? SamExporterSize : config.ImageSize);
        config.ValidateInputSize(size);
        if (options.LowResolution && options.Layout == OnnxLayout.Transformers)
            throw new ArgumentException("layout transformers ends at low-resolution logits as it is");
        if (options.Precision == OnnxPrecision.Int8 && sam.Model.State.Entries.All(entry => entry.Weight.Quantized is null))
            throw new ArgumentException($"{sam.Name} has no weights of whole numbers: quantize it first ('pocketsam quantize')");
        return size;
    }

    private static OnnxModel Pack(Sam sam, int size, OnnxExportOptions options, OnnxGraph graph, bool isEncoder) => new()
    {
        Producer = "pocketsam",
        ProducerVersion = typeof(OnnxExporter).Assembly.GetName().Version?.ToString(3) ?? "",
        Metadata = ModelFacts.Of(sam, size, options, isEncoder),
        Graph = graph,
    };
}
