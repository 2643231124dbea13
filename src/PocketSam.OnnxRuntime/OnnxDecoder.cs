using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using PocketSam.Onnx;
using PocketSam.OnnxRuntime.Running;

namespace PocketSam.OnnxRuntime;

/// <summary>
/// A prompt encoder and mask decoder of the SAM family in an ONNX file, run by ONNX Runtime. Its inputs show which form
/// it has: segment-anything's, with or without the picture's size, EdgeSAM's, or transformers'.
/// </summary>
public sealed class OnnxDecoder : IDecoderBackend, IDisposable
{
    /// <summary>Objects in one call, for decoders that take any number.</summary>
    private const int ManyObjects = 16;

    private const float NoPoint = -1, BoxCorner = 2;

    private readonly InferenceSession _session;
    private readonly OnnxEncoder? _encoder;
    private readonly string _iou;
    private readonly string _low;
    private readonly bool _takesMany;
    private readonly bool _takesSize;

    /// <summary>Opens a file.</summary>
    /// <param name="path">Path of the file.</param>
    /// <param name="encoder">
    /// The encoder that it belongs to, whose embedding must fit it; a transformers decoder also takes the positional
    /// encoding from it. Null if embeddings come from elsewhere.
    /// </param>
    /// <param name="device">The device to run on.</param>
    /// <param name="threads">Number of CPU threads; 0 for all cores.</param>
    /// <exception cref="OnnxSetupException">
    /// The runtime or the device is missing, the file is not a supported mask decoder, or it belongs to another
    /// encoder.
    /// </exception>
    public OnnxDecoder(string path, OnnxEncoder? encoder = null, OnnxDevice device = OnnxDevice.Cpu, int threads = 0)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        (Path, _encoder) = (path, encoder);
        _session = Runtime.Open(path, device, threads);
        try
        {
            Part = PairFacts.OfDecoder(_session, path);
            _iou = PairFacts.Output(_session, path, "iou_predictions", "iou_scores", "scores");
            _low = Part == OnnxPart.PointsDecoder
                ? PairFacts.Output(_session, path, "masks") : PairFacts.Output(_session, path, "low_res_masks", "pred_masks");
            _takesSize = _session.InputMetadata.ContainsKey(OnnxNames.Size);
            _takesMany = Part switch
            {
                OnnxPart.TransformersDecoder => _session.InputMetadata[OnnxNames.Points].Dimensions[1] < 0,
                _ => _session.InputMetadata[OnnxNames.Coordinates].Dimensions[0] < 0,
            };
            int[] features = _session.InputMetadata[OnnxNames.Embeddings].Dimensions;
            (Channels, Side) = (features[1], features[^1]);
            Masks = _session.OutputMetadata[_iou].Dimensions[^1];
            if (encoder is not null)
                RequireOwn(encoder);
            if (Part == OnnxPart.TransformersDecoder && encoder is null)
                throw new OnnxSetupException($"{path}: takes positions that its encoder gives: name the encoder too");
        }
        catch
        {
            _session.Dispose();
            throw;
        }
    }

    /// <summary>Path of the file.</summary>
    public string Path { get; }

    /// <summary>Metadata of the file, by key.</summary>
    public IReadOnlyDictionary<string, string> Metadata => _session.ModelMetadata.CustomMetadataMap;

    /// <inheritdoc/>
    public int MaxObjects => _takesMany ? ManyObjects : 1;

    internal OnnxPart Part { get; }

    /// <summary>Channels of the embedding; below 1 where the file does not fix them.</summary>
    internal int Channels { get; }

    /// <summary>Rows of the embedding; below 1 where the file does not fix them.</summary>
    internal int Side { get; }

    /// <summary>Masks for each object; below 1 where the file does not say.</summary>
    internal int Masks { get; }

    /// <summary>Whether the decoder also returns masks at the picture's size.</summary>
    internal bool Enlarges => _takesSize;

    /// <inheritdoc/>
    /// <remarks>
    /// A decoder may return fewer masks than requested. A single one then stands for all of them; of three masks for
    /// ambiguous prompts, the one with the highest predicted IoU also stands for the missing first mask.
    /// </remarks>
    /// <exception cref="OnnxSetupException">The runtime reports an error.</exception>
    public void Decode(BackendPrompts prompts, Memory<float> iou, Memory<float> logits, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(prompts);
        using Inputs inputs = Prepare(prompts, (1, 1));
        using IDisposableReadOnlyCollection<OrtValue> results = Runtime.Run(
            _session, Path, inputs.Names, inputs.Values, [_iou, _low], cancellation);
        ReadOnlySpan<float> scores = results[0].GetTensorDataAsSpan<float>(), low = results[1].GetTensorDataAsSpan<float>();
        int wanted = iou.Length / prompts.Objects, found = scores.Length / prompts.Objects, area = logits.Length / iou.Length;
        if (found < 1 || low.Length != scores.Length * area)
            throw new OnnxSetupException($"{Path}: gave {low.Length} logits and {scores.Length} scores for {prompts.Objects} objects");
        for (int i = 0; i < iou.Length; i++)
        {
            ReadOnlySpan<float> own = scores.Slice(i / wanted * found, found);
            int mask = i % wanted - (wanted - found);
            if (mask < 0 || mask >= found)
                mask = System.Numerics.Tensors.TensorPrimitives.IndexOfMax(own);
            iou.Span[i] = own[mask];
            low.Slice((i / wanted * found + mask) * area, area).CopyTo(logits.Span.Slice(i * area, area));
        }
    }

    /// <summary>
    /// Logits [P, masks, height, width] at the picture's size, of a decoder that <see cref="Enlarges"/>.
    /// </summary>
    internal float[] Enlarge(BackendPrompts prompts, int width, int height, CancellationToken cancellation)
    {
        using Inputs inputs = Prepare(prompts, (height, width));
        using IDisposableReadOnlyCollection<OrtValue> results = Runtime.Run(
            _session, Path, inputs.Names, inputs.Values, ["masks"], cancellation);
        return results[0].GetTensorDataAsSpan<float>().ToArray();
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => _session.Dispose();

    private void RequireOwn(OnnxEncoder encoder)
    {
        const string Fingerprint = "pocketsam.fingerprint";
        int side = encoder.Size / SamConfig.EmbeddingStride;
        if ((Channels > 0 && Channels != encoder.Channels) || (Side > 0 && Side != side))
        {
            throw new OnnxSetupException(
                $"{Path}: takes features [{Channels}, {Side}, {Side}] where {encoder.Path} gives [{encoder.Channels}, {side}, {side}]: they do not belong together");
        }

        if (encoder.Metadata.TryGetValue(Fingerprint, out string? its) && Metadata.TryGetValue(Fingerprint, out string? own) && own != its)
            throw new OnnxSetupException($"{Path}: is of another model than {encoder.Path}: they do not belong together");
    }

    private Inputs Prepare(BackendPrompts prompts, (int Height, int Width) size)
    {
        int objects = prompts.Objects, points = prompts.Points;
        ReadOnlyMemory<float> coordinates = prompts.Coordinates, labels = prompts.Labels;
        int channels = prompts.Features.Length / (prompts.Side * prompts.Side);
        var inputs = new Inputs();
        inputs.Add(OnnxNames.Embeddings, prompts.Features, 1, channels, prompts.Side, prompts.Side);
        if (Part == OnnxPart.OfficialDecoder)
        {
            int maskSide = prompts.Side * SamConfig.EmbeddingStride / SamConfig.MaskStride, masks = prompts.Masks.Length / (maskSide * maskSide);
            inputs.Add(OnnxNames.Coordinates, coordinates, objects, points, 2);
            inputs.Add(OnnxNames.Labels, labels, objects, points);
            inputs.Add(OnnxNames.Mask, masks > 0 ? prompts.Masks : new float[maskSide * maskSide], Math.Max(1, masks), 1, maskSide, maskSide);
            inputs.Add(OnnxNames.HasMask, Enumerable.Repeat(masks > 0 ? 1f : 0f, Math.Max(1, masks)).ToArray(), Math.Max(1, masks));
            if (_takesSize)
                inputs.Add(OnnxNames.Size, new float[] { size.Height, size.Width }, 2);
            return inputs;
        }

        if (prompts.Masks.Length > 0)
            throw new PromptException($"{Path}: takes no masks to start from");
        if (Part == OnnxPart.TransformersDecoder && labels.Span.ContainsAnyInRange(BoxCorner, BoxCorner + 1))
            throw new PromptException($"{Path}: takes points and no boxes");

        // These decoders add the padding point that stands for no box themselves, or were trained without it.
        if (points > 1 && labels.Span[points - 1] == NoPoint)
            (coordinates, labels, points) = (Without(coordinates, 2), Without(labels, 1), points - 1);
        if (Part == OnnxPart.PointsDecoder)
        {
            inputs.Add(OnnxNames.Coordinates, coordinates, objects, points, 2);
            inputs.Add(OnnxNames.Labels, labels, objects, points);
            return inputs;
        }

        float[] positions = _encoder!.Positions
            ?? throw new InvalidOperationException("no picture was encoded by the encoder that the decoder takes positions from");
        inputs.Add(OnnxNames.Positions, positions, 1, positions.Length / (prompts.Side * prompts.Side), prompts.Side, prompts.Side);
        inputs.Add(OnnxNames.Points, coordinates, 1, objects, points, 2);
        inputs.Add(OnnxNames.PointLabels, labels.ToArray().Select(label => (long)label).ToArray(), 1, objects, points);
        return inputs;

        ReadOnlyMemory<float> Without(ReadOnlyMemory<float> values, int width)
        {
            float[] kept = new float[objects * (points - 1) * width];
            for (int i = 0; i < objects; i++)
                values.Span.Slice(i * points * width, (points - 1) * width).CopyTo(kept.AsSpan(i * (points - 1) * width));
            return kept;
        }
    }

    /// <summary>Named inputs of a call.</summary>
    private sealed class Inputs : IDisposable
    {
        public List<string> Names { get; } = [];

        public List<OrtValue> Values { get; } = [];

        public void Add(string name, ReadOnlyMemory<float> values, params long[] shape)
        {
            Names.Add(name);
            Values.Add(OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, MemoryMarshal.AsMemory(values), shape));
        }

        public void Add(string name, long[] values, params long[] shape)
        {
            Names.Add(name);
            Values.Add(OrtValue.CreateTensorValueFromMemory(values, shape));
        }

        public void Dispose() => Values.ForEach(value => value.Dispose());
    }
}
