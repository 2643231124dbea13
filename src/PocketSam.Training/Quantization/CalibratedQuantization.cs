using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using PocketSam.Models;
using PocketSam.Training.Data.Effects;

namespace PocketSam.Training.Quantization;

/// <summary>
/// Post-training quantisation with ranges found on some photos, as TinySAM (section 3.3) and PTQ4ViT have it: weights and what goes into the
/// image encoder's products have few bits, the two products of attention too. It is simulated: operands are rounded to what the numbers
/// stand for and multiplied as floats. First convolutions, depthwise convolutions, norms, the mask decoder and attention with relative
/// positions (SAM's ViT) stay floats.
/// </summary>
public sealed class CalibratedQuantization
{
    /// <summary>Of the time, in which photos are looked at; the rest searches.</summary>
    private const double PhotosShare = 0.3;

    private readonly Checkpoint _checkpoint;
    private readonly CalibrationOptions _options;
    private readonly Dictionary<string, ProductRanges> _products;
    private readonly Dictionary<string, AttentionRanges> _attentions;

    private CalibratedQuantization(
        Checkpoint checkpoint, CalibrationOptions options, Dictionary<string, ProductRanges> products,
        Dictionary<string, AttentionRanges> attentions)
    {
        (_checkpoint, _options, _products, _attentions) = (checkpoint, options, products, attentions);
        Sam = Sam.Over(
            SamModel.FromCheckpoint(checkpoint, isFrozen: true), checkpoint.Source, new Simulation(products, attentions, options.Bits));
    }

    /// <summary>The model, whose encoder computes with rounded operands.</summary>
    public Sam Sam { get; }

    /// <summary>Linear layers and convolutions that are quantised.</summary>
    public int Products => _products.Count;

    /// <summary>Attention layers whose products are quantised.</summary>
    public int Attentions => _attentions.Count;

    /// <summary>Looks at photos and finds the ranges.</summary>
    /// <param name="checkpoint">A model of floats; stays open until the result is not used any more.</param>
    /// <param name="photos">Photos with marked objects, which are asked for: their gradients weigh errors.</param>
    /// <param name="reader">Decodes them.</param>
    /// <param name="options">Bits, metric, number of photos; null for the defaults.</param>
    /// <param name="progress">Told the share that is done, 0 to 1.</param>
    /// <param name="cancellation">Looked at before each photo and each layer.</param>
    /// <exception cref="CheckpointFormatException">The model is quantised already.</exception>
    /// <exception cref="DataFormatException">Fewer photos have objects than are asked for, or one cannot be read.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static CalibratedQuantization Calibrate(
        Checkpoint checkpoint, CocoDataset photos, PictureReader reader, CalibrationOptions? options = null,
        IProgress<double>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        ArgumentNullException.ThrowIfNull(photos);
        ArgumentNullException.ThrowIfNull(reader);
        options ??= new CalibrationOptions();
        options.Validate();
        QuantizationInfo.RequireFloats(checkpoint);

        var random = new RandomStream(options.Seed);
        CocoImage[] chosen = CalibrationPhoto.Choose(photos, options.Photos, random);
        var model = SamModel.FromCheckpoint(checkpoint);
        var calibration = new Calibration(random);
        for (int i = 0; i < chosen.Length; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            CalibrationPhoto.Look(model, chosen[i], reader, calibration, random);
            progress?.Report(PhotosShare * (i + 1) / chosen.Length);
        }

        var search = new ScaleSearch(options);
        Dictionary<string, ProductRanges> products = [];
        Dictionary<string, AttentionRanges> attentions = [];
        double layers = calibration.Products.Count + calibration.Attentions.Count;
        foreach ((string layer, ProductSample sample) in calibration.Products)
        {
            products.Add(layer, search.Find(sample));
            Next();
        }

        foreach ((string layer, AttentionSample sample) in calibration.Attentions)
        {
            attentions.Add(layer, search.Find(sample));
            Next();
        }

        return new CalibratedQuantization(checkpoint, options, products, attentions);

        void Next()
        {
            cancellation.ThrowIfCancellationRequested();
            progress?.Report(PhotosShare + (1 - PhotosShare) * (products.Count + attentions.Count) / layers);
        }
    }

    /// <summary>
    /// The model with its weights as whole numbers, and in its metadata the scales of what goes into products. Whoever loads it computes with
    /// floats: there is no integer form of these ranges.
    /// </summary>
    public Checkpoint ToCheckpoint()
    {
        var tensors = new Dictionary<string, StoredTensor>(_checkpoint.Tensors);
        foreach ((string layer, ProductRanges ranges) in _products)
        {
            string key = tensors.ContainsKey($"{layer}.weight") ? $"{layer}.weight" : $"{layer}.c.weight";
            tensors[key] = Store(tensors[key], ranges.WeightShares);
        }

        Dictionary<string, IReadOnlyList<float>> scales = _products.ToDictionary(
            layer => layer.Key, IReadOnlyList<float> (layer) => layer.Value.Input.Scales);
        foreach ((string layer, AttentionRanges ranges) in _attentions)
        {
            scales[$"{layer}.query"] = ranges.Query.Scales;
            scales[$"{layer}.key"] = ranges.Key.Scales;
            scales[$"{layer}.probability"] = ranges.Probability.Scales;
            scales[$"{layer}.value"] = ranges.Value.Scales;
        }

        var info = new QuantizationInfo
        {
            Arithmetic = QuantizedArithmetic.Float, Method = NameOf(_options.Metric), Bits = _options.Bits, InputScales = scales,
        };
        return _checkpoint with
        {
            Tensors = tensors,
            Metadata = new Dictionary<string, string>(_checkpoint.Metadata) { [QuantizationInfo.MetadataKey] = info.ToJson() },
        };
    }

    /// <summary>The name of a metric: <c>min-max</c>, <c>mse</c> or <c>hessian</c>.</summary>
    /// <param name="metric">The metric.</param>
    public static string NameOf(RangeMetric metric) => metric switch
    {
        RangeMetric.MinMax => "min-max",
        RangeMetric.MeanSquaredError => "mse",
        _ => "hessian",
    };

    private StoredTensor Store(StoredTensor tensor, float[] shares)
    {
        float[] values = tensor.ToFloats(), scales = new float[shares.Length], numbers = new float[values.Length];
        int k = values.Length / shares.Length;
        for (int i = 0; i < shares.Length; i++)
        {
            scales[i] = WeightRounding.Scale(values.AsSpan(i * k, k), shares[i], _options.Bits);
            WeightRounding.ToNumbers(values.AsSpan(i * k, k), numbers.AsSpan(i * k, k), scales[i], _options.Bits);
        }

        sbyte[] steps = new sbyte[numbers.Length];
        TensorPrimitives.ConvertTruncating<float, sbyte>(numbers, steps);
        return new StoredTensor(DataType.Int8, tensor.Shape, MemoryMarshal.AsBytes(steps.AsSpan()).ToArray()).WithScales(scales);
    }
}
