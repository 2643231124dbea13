using PocketSam.Kernels.Vectors;
using PocketSam.Models;
using PocketSam.Tensors;
using PocketSam.Training.Quantization;
using PocketSam.Training.Tests.Data;

namespace PocketSam.Training.Tests.Quantization;

public sealed class SimulationTests : IDisposable
{
    /// <summary>Operands of 20 bits: what is simulated is then what would be computed, to rounding.</summary>
    private const int ManyBits = 20;

    private const float Tolerance = 2e-4f;
    private const string Layer = "image_encoder.layer";

    private readonly TemporaryFolder _folder = new();
    private readonly Random _random = new(3);

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_linear_layer_with_many_bits_is_itself(bool hasGelu)
        => Same(() =>
        {
            Tensor x = Values(5, 7, 12), residual = Values(5, 7, 9);
            Weight weight = new(Values(9, 12)), bias = new(Values(9));
            return () => x.Linear(weight, bias, residual, hasGelu ? Activation.Gelu : Activation.None);
        }, outputs: 9);

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 0)]
    public void A_convolution_with_many_bits_is_itself(int stride, int padding)
        => Same(() =>
        {
            Tensor x = Values(2, 7, 6, 5);
            Weight weight = new(Values(4, 3, 3, 5)), bias = new(Values(4));
            return () => x.Conv2d(weight, bias, stride, padding);
        }, outputs: 4);

    /// <summary>Scores may be so large that they have no finite exponential.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(120)]
    public void Attention_in_windows_with_many_bits_is_itself(float largest)
        => Same(() =>
        {
            const int Heads = 2, Tokens = 9;
            Tensor qkv = Values(3, Tokens, Heads * 3 * 4), table = Values(Heads, 5);
            foreach (ref float bias in table.Span)
                bias *= largest;
            int[] index = [.. Enumerable.Range(0, Tokens * Tokens).Select(i => i % 5)];
            return () => AttentionOps.Windowed(qkv, Heads, table, index);
        }, outputs: 1);

    [Fact]
    public void Attention_of_all_to_all_with_many_bits_is_itself()
        => Same(() =>
        {
            Tensor qkv = Values(2, 11, 3 * 8);
            return () => qkv.SelfAttention(heads: 2);
        }, outputs: 1);

    /// <summary>A layer of eight bits is as far from that of floats as eight bits are.</summary>
    [Fact]
    public void Few_bits_differ()
    {
        using Tape outer = Tape.Inference();
        Tensor x = Values(20, 16);
        Weight weight = new(Values(6, 16)), bias = new(Values(6));
        float[] exact = x.Linear(weight, bias).Span.ToArray();
        var ranges = new Dictionary<string, ProductRanges> { [Layer] = new(new Quantizer.Uniform(1 / 127f, 8), [.. Enumerable.Repeat(1f, 6)]) };
        using Tape tape = Tape.Inference(new Simulation(ranges, new Dictionary<string, AttentionRanges>(), 8));
        using Tape.LayerScope scope = Tape.Enter(Layer);
        float[] rounded = x.Linear(weight, bias).Span.ToArray();
        float error = exact.Zip(rounded, (a, b) => Math.Abs(a - b)).Max();
        Assert.InRange(error, 1e-4f, 0.05f);
    }

    [Fact]
    public void A_model_is_calibrated_simulated_and_written()
    {
        using Checkpoint checkpoint = Model();
        CocoDataset photos = Photos();
        foreach (RangeMetric metric in Enum.GetValues<RangeMetric>())
        {
            foreach (bool isTwin in (bool[])[true, false])
            {
                var options = new CalibrationOptions { Metric = metric, TwinRanges = isTwin, Photos = 2 };
                var told = new List<double>();
                CalibratedQuantization simulated = CalibratedQuantization.Calibrate(checkpoint, photos, _ => Picture(), options, new Told(told));
                Assert.Equal(1, told[^1]);
                Assert.Equal(ModelQuantizer.IntegerLayers(checkpoint).Count, simulated.Products);
                Assert.NotEqual(0, simulated.Attentions);

                Checkpoint written = simulated.ToCheckpoint();
                QuantizationInfo info = QuantizationInfo.Of(written)!;
                Assert.Equal((QuantizedArithmetic.Float, CalibratedQuantization.NameOf(metric), 8), (info.Arithmetic, info.Method, info.Bits));
                Assert.Equal(simulated.Products + 4 * simulated.Attentions, info.InputScales!.Count);
                Assert.Equal(isTwin, info.InputScales.Values.Any(scales => scales.Count == 2));

                // The file's weights are those that the simulation multiplies; the rest of the difference is what goes in.
                float[] floats = Embedding(Sam.FromCheckpoint(checkpoint, "floats"));
                float near = Distance(Embedding(simulated.Sam), floats);
                Assert.InRange(near, 1e-5f, 0.2f);
                Assert.InRange(Distance(Embedding(Sam.FromCheckpoint(written, "written")), floats), 1e-5f, 0.1f);
                Assert.Throws<CheckpointFormatException>(() => CalibratedQuantization.Calibrate(written, photos, _ => Picture()));
            }
        }
    }

    [Fact]
    public void Calibration_follows_from_its_seed()
    {
        using Checkpoint checkpoint = Model();
        string first = Metadata(1);
        Assert.Equal(first, Metadata(1));
        Assert.NotEqual(first, Metadata(2));

        string Metadata(ulong seed) => CalibratedQuantization.Calibrate(
            checkpoint, Photos(), _ => Picture(), new CalibrationOptions { Photos = 1, Seed = seed }).ToCheckpoint().Metadata[QuantizationInfo.MetadataKey];
    }

    [Fact]
    public void Every_layer_has_an_error_of_its_own()
    {
        using Checkpoint checkpoint = Model();
        IReadOnlyList<LayerSensitivity> layers = LayerSensitivity.Measure(checkpoint, Photos(), _ => Picture(), count: 2);
        Assert.Equal(ModelQuantizer.IntegerLayers(checkpoint).Order(), layers.Select(layer => layer.Layer).Order());
        Assert.All(layers, layer => Assert.InRange(layer.Error, 0, 0.1));

        // The last convolution of a bottleneck begins at zero.
        Assert.Equal(["image_encoder.layers.0.blocks.0.conv3.c"], layers.Where(layer => layer.Error < 1e-6).Select(layer => layer.Layer));
        Assert.Equal(layers, LayerSensitivity.Measure(checkpoint, Photos(), _ => Picture(), count: 2));
    }

    [Fact]
    public void Bad_input_is_refused()
    {
        using Checkpoint checkpoint = Model();
        CocoDataset photos = Photos();
        string few = Assert.Throws<DataFormatException>(() => CalibratedQuantization.Calibrate(checkpoint, photos, _ => Picture())).Message;
        Assert.Contains("2 photos with objects of at least 256 pixels, where 8 are wanted to calibrate on", few);
        Assert.Throws<ArgumentException>(() => CalibratedQuantization.Calibrate(checkpoint, photos, _ => Picture(), new() { Bits = 1 }));
        Assert.Throws<ArgumentException>(() => CalibratedQuantization.Calibrate(checkpoint, photos, _ => Picture(), new() { Photos = 0 }));
        Assert.Throws<OperationCanceledException>(() => CalibratedQuantization.Calibrate(
            checkpoint, photos, _ => Picture(), new() { Photos = 1 }, progress: null, new CancellationToken(canceled: true)));

        // A photo of one colour has ranges, too.
        CalibratedQuantization.Calibrate(checkpoint, photos, _ => new RgbImage(90, 70), new() { Photos = 1 });
    }

    /// <summary>The same op without and with a simulation of many bits.</summary>
    private static void Same(Func<Func<Tensor>> make, int outputs)
    {
        using Tape outer = Tape.Inference();
        Func<Tensor> compute = make();
        float[] expected = compute().Span.ToArray();
        Quantizer fine = new Quantizer.Uniform(4f / (1 << ManyBits), ManyBits);
        var products = new Dictionary<string, ProductRanges> { [Layer] = new(fine, [.. Enumerable.Repeat(1f, outputs)]) };
        var attentions = new Dictionary<string, AttentionRanges> { [Layer] = new(fine, fine, fine, fine) };
        using Tape tape = Tape.Inference(new Simulation(products, attentions, ManyBits));
        using Tape.LayerScope scope = Tape.Enter(Layer);
        float[] found = compute().Span.ToArray();
        Assert.NotEqual(expected, found);
        for (int i = 0; i < expected.Length; i++)
            Assert.Equal(expected[i], found[i], Tolerance);
    }

    private Tensor Values(params int[] shape)
    {
        Tensor values = Tensor.Zeros(shape);
        foreach (ref float value in values.Span)
            value = 2 * _random.NextSingle() - 1;
        return values;
    }

    private static float[] Embedding(Sam sam)
    {
        using ImageEmbedding photo = sam.Encode(Picture());
        return photo.ToArray();
    }

    private static float Distance(float[] a, float[] b)
        => (float)Math.Sqrt(a.Zip(b, (x, y) => (double)(x - y) * (x - y)).Sum() / b.Sum(y => (double)y * y));

    private Checkpoint Model()
    {
        SamModel model = SamModel.Create(ModelZoo.Nano with { ImageSize = 128 }, seed: 3);
        string path = _folder["model.safetensors"];
        Safetensors.Write(path, model.State.ToStored(DataType.Float32), model.Metadata());
        return CheckpointFile.Read(path);
    }

    private static RgbImage Picture()
    {
        var picture = new RgbImage(90, 70);
        new Random(7).NextBytes(picture.Pixels);
        return picture;
    }

    private CocoDataset Photos()
    {
        File.WriteAllText(_folder["photos.json"], """
            {"images": [{"id": 1, "file_name": "a.png", "width": 90, "height": 70}, {"id": 2, "file_name": "b.png", "width": 90, "height": 70}],
             "annotations": [
              {"id": 1, "image_id": 1, "category_id": 1, "iscrowd": 0, "bbox": [10, 10, 30, 30], "area": 900, "segmentation": [[10,10,40,10,40,40,10,40]]},
              {"id": 2, "image_id": 2, "category_id": 1, "iscrowd": 0, "bbox": [20, 5, 40, 30], "area": 1200, "segmentation": [[20,5,60,5,60,35,20,35]]}],
             "categories": [{"id": 1, "name": "thing"}]}
            """);
        File.WriteAllBytes(_folder["a.png"], []);
        File.WriteAllBytes(_folder["b.png"], []);
        return CocoDataset.Load(_folder["photos.json"]);
    }

    private sealed class Told(List<double> shares) : IProgress<double>
    {
        public void Report(double value) => shares.Add(value);
    }
}
