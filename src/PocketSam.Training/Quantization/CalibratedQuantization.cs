using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using PocketSam.Models;
using PocketSam.Training.Data.Effects;

namespace PocketSam.Training.Quantization;

/// <summary>
/// Post-training quantisation with ranges calibrated on photos, as in TinySAM (section 3.3) and PTQ4ViT. Weights and
/// inputs of the image encoder's products have few bits, and so have the two products of attention. It is simulated:
/// operands are rounded to representable values and multiplied in floating point. First convolutions, depthwise
/// convolutions, norms, the mask decoder and attention with relative positions (SAM's ViT) stay in floating point.
/// </summary>
public sealed class CalibratedQuantization
{
    /// <summary>Fraction of the time for the photos, for progress; the rest is the search.</summary>
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

    /// <summary>The model, with an encoder that computes with rounded operands.</summary>
    public Sam Sam { get; }

    /// <summary>Number of quantised linear layers and convolutions.</summary>
    public int Products => _products.Count;

    /// <summary>Number of attention layers with quantised products.</summary>
    public int Attentions => _attentions.Count;

    /// <summary>Calibrates the ranges on photos.</summary>
    /// <param name="checkpoint">A floating-point model; keep it open as long as the result is used.</param>
    /// <param name="photos">
    /// Photos with annotated objects, which serve as prompts; gradients of their masks weigh the errors.
    /// </param>
    /// <param name="reader">Decodes the photos.</param>
    /// <param name="options">Bits, metric, number of photos; null for the defaults.</param>
    /// <param name="progress">Receives the fraction done, 0 to 1.</param>
    /// <param name="cancellation">Checked before each photo and each layer.</param>
    /// <exception cref="CheckpointFormatException">The model is already quantised.</exception>
    /// <exception cref="DataFormatException">
    /// Fewer photos have objects than requested, or one cannot be read.
    /// </exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellation"/> was cancelled.</exception>
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
            CalibrationPhoto.Run(model, chosen[i], reader, calibration, random);
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
    /// The model with integer weights, and with the scales of the products' inputs in its metadata. A loaded model
    /// computes in floating point, as there is no integer arithmetic for these ranges.
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
