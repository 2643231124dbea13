using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using PocketSam.Onnx;
using PocketSam.OnnxRuntime.Running;

namespace PocketSam.OnnxRuntime;

/// <summary>
/// An image encoder of the SAM family in an ONNX file, run by ONNX Runtime. Its inputs show how it takes pictures:
/// normalised [1, 3, S, S] (segment-anything, MobileSAM, EdgeSAM, transformers), RGB of 0 to 255 [S, S, 3]
/// (samexporter), or bytes of RGB [1, 3, S, S].
/// </summary>
/// <example>
/// <code>
/// using var encoder = new OnnxEncoder("exported/encoder.onnx", OnnxDevice.Cuda);
/// Sam sam = Sam.Default.WithBackend(encoder);
/// </code>
/// </example>
public sealed class OnnxEncoder : IEncoderBackend, IDisposable
{
    private static readonly float[] Mean = [123.675f, 116.28f, 103.53f];
    private static readonly float[] Deviation = [58.395f, 57.12f, 57.375f];

    private readonly InferenceSession _session;
    private readonly OnnxPart _part;
    private readonly string _input;
    private readonly string _output;
    private readonly string? _positions;

    /// <summary>Opens a file.</summary>
    /// <param name="path">Path of the file.</param>
    /// <param name="device">The device to run on.</param>
    /// <param name="threads">Number of CPU threads; 0 for all cores.</param>
    /// <exception cref="OnnxSetupException">
    /// The runtime or the device is missing, or the file is not a supported image encoder.
    /// </exception>
    public OnnxEncoder(string path, OnnxDevice device = OnnxDevice.Cpu, int threads = 0)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        Path = path;
        _session = Runtime.Open(path, device, threads);
        try
        {
            _part = PairFacts.OfEncoder(_session, path);
            _input = _session.InputMetadata.Keys.First(name => name != OnnxNames.Patches);
            _output = _session.OutputMetadata.ContainsKey(OnnxNames.Embeddings)
                ? OnnxNames.Embeddings : _session.OutputMetadata.First(o => o.Value.Dimensions.Length == 4).Key;
            _positions = _session.OutputMetadata.ContainsKey(OnnxNames.Positions) ? OnnxNames.Positions : null;
            int[] features = _session.OutputMetadata[_output].Dimensions, picture = _session.InputMetadata[_input].Dimensions;
            Channels = features[1];
            Size = _part != OnnxPart.PixelsEncoder && picture[^1] > 0 ? picture[^1] : SamConfig.EmbeddingStride * features[^1];
            bool isSquare = _part == OnnxPart.PixelsEncoder || picture[^1] == picture[^2];
            if (Channels < 1 || Size < 1 || !isSquare || (features[^1] > 0 && features[^1] * SamConfig.EmbeddingStride != Size))
                throw new OnnxSetupException($"{path}: an encoder whose input is not one square of known size is not supported");
        }
        catch
        {
            _session.Dispose();
            throw;
        }
    }

    /// <summary>Path of the file.</summary>
    public string Path { get; }

    /// <summary>Side of its square input in pixels.</summary>
    public int Size { get; }

    /// <summary>Channels of its embedding.</summary>
    public int Channels { get; }

    /// <summary>Metadata of the file, by key.</summary>
    public IReadOnlyDictionary<string, string> Metadata => _session.ModelMetadata.CustomMetadataMap;

    /// <summary>
    /// Positional encoding for a transformers decoder, [C, side, side]; null until a picture has been encoded.
    /// </summary>
    internal float[]? Positions { get; private set; }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The picture is prepared for another input size.</exception>
    /// <exception cref="OnnxSetupException">The runtime reports an error.</exception>
    public void Encode(BackendPicture picture, Memory<float> features, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(picture);
        if (picture.Size != Size)
            throw new ArgumentException($"input size {picture.Size}: {Path} takes {Size} pixels and no other size", nameof(picture));
        List<string> names = [_input];
        List<OrtValue> values = [];
        try
        {
            values.Add(Picture(picture));
            if (_part == OnnxPart.PatchesEncoder)
            {
                names.Add(OnnxNames.Patches);
                values.Add(OrtValue.CreateTensorValueFromMemory(
                    OrtMemoryInfo.DefaultInstance, MemoryMarshal.AsMemory(picture.Patches), [1, 3, picture.PatchRows, picture.PatchColumns]));
            }

            string[] outputs = _positions is null ? [_output] : [_output, _positions];
            using IDisposableReadOnlyCollection<OrtValue> results = Runtime.Run(_session, Path, names, values, outputs, cancellation);
            ReadOnlySpan<float> found = results[0].GetTensorDataAsSpan<float>();
            if (found.Length != features.Length)
                throw new OnnxSetupException($"{Path}: gave {found.Length} values where {features.Length} are an embedding");
            found.CopyTo(features.Span);
            if (_positions is not null)
                Positions ??= results[1].GetTensorDataAsSpan<float>().ToArray();
        }
        finally
        {
            values.ForEach(value => value.Dispose());
        }
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => _session.Dispose();

    private OrtValue Picture(BackendPicture picture)
    {
        if (_part is OnnxPart.PlanesEncoder or OnnxPart.PatchesEncoder)
            return OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, MemoryMarshal.AsMemory(picture.Pixels), [1, 3, Size, Size]);

        // The picture comes normalised. Its zero padding becomes the mean here.
        ReadOnlySpan<float> planes = picture.Pixels.Span;
        int area = Size * Size;
        if (_part == OnnxPart.BytesEncoder)
        {
            byte[] bytes = new byte[3 * area];
            for (int i = 0; i < bytes.Length; i++)
                bytes[i] = (byte)Math.Clamp(MathF.Round(planes[i] * Deviation[i / area] + Mean[i / area]), 0, byte.MaxValue);
            return OrtValue.CreateTensorValueFromMemory(bytes, [1, 3, Size, Size]);
        }

        float[] pixels = new float[3 * area];
        for (int i = 0; i < pixels.Length; i++)
            pixels[i] = planes[i % 3 * area + i / 3] * Deviation[i % 3] + Mean[i % 3];
        return OrtValue.CreateTensorValueFromMemory(pixels, [Size, Size, 3]);
    }
}
