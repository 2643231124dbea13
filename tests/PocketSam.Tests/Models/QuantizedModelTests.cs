using PocketSam.Models;
using PocketSam.Tensors;

namespace PocketSam.Tests.Models;

[Collection(ThreadCounts.Name)]
[Trait("Category", "Simd")]
public sealed class QuantizedModelTests
{
    /// <summary>Relative error of an embedding, root of the mean square, with made-up weights: two roundings to 8 bits a layer.</summary>
    private const double EmbeddingTolerance = 0.05;

    public static TheoryData<string> Architectures => ["nano", "small_dino", "small_vit"];

    [Theory]
    [MemberData(nameof(Architectures))]
    public void An_encoder_of_whole_numbers_is_near_that_of_floats(string name)
    {
        SamModel model = MadeUpWeights.Create(Config(name));
        Checkpoint quantised = Quantised(model, QuantizedArithmetic.Int8);
        float[] expected = Embedding(model), actual = Embedding(SamModel.FromCheckpoint(quantised, isFrozen: true));
        double error = Math.Sqrt(expected.Zip(actual, (a, b) => (double)(a - b) * (a - b)).Sum() / expected.Sum(a => (double)a * a));
        Assert.InRange(error, 1e-6, EmbeddingTolerance);
    }

    [Theory]
    [MemberData(nameof(Architectures))]
    public void The_layers_that_are_told_compute_with_whole_numbers(string name)
    {
        SamModel model = MadeUpWeights.Create(Config(name));
        Checkpoint quantised = Quantised(model, QuantizedArithmetic.Int8);
        SamModel loaded = SamModel.FromCheckpoint(quantised, isFrozen: true);
        string[] layers = [.. loaded.State.Entries.Where(e => e.Weight.Quantized is not null).Select(e => e.Key[..^".weight".Length])];
        Assert.Equal(ModelQuantizer.IntegerLayers(quantised).Order(), layers.Order());
        Assert.Contains("image_encoder.neck.2", layers);
        Assert.DoesNotContain(layers, layer => layer.StartsWith("mask_decoder", StringComparison.Ordinal)
            || layer.Contains("patch_embed", StringComparison.Ordinal));
    }

    [Fact]
    public void Weights_alone_are_computed_with_as_floats()
    {
        SamModel model = MadeUpWeights.Create(ModelZoo.Nano);
        Checkpoint quantised = Quantised(model, QuantizedArithmetic.Float);
        SamModel loaded = SamModel.FromCheckpoint(quantised, isFrozen: true);
        Assert.DoesNotContain(loaded.State.Entries, entry => entry.Weight.Quantized is not null);

        // The same floats in single precision.
        var floats = new Checkpoint("floats", quantised.Tensors.ToDictionary(
            t => t.Key, t => StoredTensor.FromFloats(t.Value.ToFloats(), t.Value.Shape)), model.Metadata());
        Assert.Equal(Embedding(SamModel.FromCheckpoint(floats, isFrozen: true)), Embedding(loaded));
    }

    [Fact]
    public void A_model_that_is_to_be_trained_has_floats()
    {
        SamModel loaded = SamModel.FromCheckpoint(Quantised(MadeUpWeights.Create(ModelZoo.Nano), QuantizedArithmetic.Int8));
        Assert.DoesNotContain(loaded.State.Entries, entry => entry.Weight.Quantized is not null);
        loaded.State.SetTraining(true);
    }

    [Fact]
    public void Layers_that_are_told_to_stay_floats_do()
    {
        Checkpoint quantised = Quantised(MadeUpWeights.Create(ModelZoo.Nano), QuantizedArithmetic.Int8, "image_encoder.neck.2");
        SamModel loaded = SamModel.FromCheckpoint(quantised, isFrozen: true);
        Assert.Null(loaded.State.Entries.Single(e => e.Key == "image_encoder.neck.2.weight").Weight.Quantized);
        Assert.NotNull(loaded.State.Entries.Single(e => e.Key == "image_encoder.neck.0.weight").Weight.Quantized);
    }

    [Fact]
    public void Any_number_of_threads_gives_the_same_bits()
    {
        SamModel loaded = SamModel.FromCheckpoint(Quantised(MadeUpWeights.Create(ModelZoo.Nano), QuantizedArithmetic.Int8), isFrozen: true);
        ThreadCounts.AssertSameBits(() => Embedding(loaded), "encoding");
    }

    [Fact]
    public void Weights_are_given_back_as_they_are_stored()
    {
        Checkpoint quantised = Quantised(MadeUpWeights.Create(ModelZoo.Nano), QuantizedArithmetic.Int8);
        SamModel loaded = SamModel.FromCheckpoint(quantised, isFrozen: true);
        Embedding(loaded);
        foreach (var entry in loaded.State.Entries)
            Assert.Equal(quantised.Tensors[entry.Key].ToFloats(), entry.ToStored());
    }

    [Fact]
    public void Embeddings_of_one_arithmetic_are_not_those_of_the_other()
    {
        SamModel model = MadeUpWeights.Create(ModelZoo.Nano);
        var whole = new PocketSam.Segmentation.ModelIdentity(
            "a", SamModel.FromCheckpoint(Quantised(model, QuantizedArithmetic.Int8), isFrozen: true));
        var floats = new PocketSam.Segmentation.ModelIdentity(
            "b", SamModel.FromCheckpoint(Quantised(model, QuantizedArithmetic.Float), isFrozen: true));
        Assert.False(whole.IsSameAs(floats));
    }

    [Fact]
    public void What_is_quantised_is_not_quantised_again()
    {
        Checkpoint quantised = Quantised(MadeUpWeights.Create(ModelZoo.Nano), QuantizedArithmetic.Int8);
        Assert.Equal(
            "is quantised already; begin with the model that it was made from",
            Assert.Throws<CheckpointFormatException>(() => ModelQuantizer.Quantize(quantised, new QuantizationInfo())).Reason);
    }

    [Fact]
    public void What_has_no_weights_is_refused()
    {
        var checkpoint = new Checkpoint(
            "x", new Dictionary<string, StoredTensor> { ["a"] = StoredTensor.FromFloats([1], [1]) }, new Dictionary<string, string>());
        Assert.Equal(
            "has no weights that can be quantised", Assert.Throws<CheckpointFormatException>(() => ModelQuantizer.Quantize(checkpoint, new QuantizationInfo())).Reason);
    }

    [Fact]
    public void A_value_that_is_not_finite_names_its_tensor()
    {
        float[] values = new float[32];
        values[3] = float.NaN;
        var checkpoint = new Checkpoint(
            "x", new Dictionary<string, StoredTensor> { ["a.weight"] = StoredTensor.FromFloats(values, [2, 16]) },
            new Dictionary<string, string>());
        Assert.StartsWith(
            "tensor a.weight: a value is not finite",
            Assert.Throws<CheckpointFormatException>(() => ModelQuantizer.Quantize(checkpoint, new QuantizationInfo())).Reason);
    }

    [Fact]
    public void Small_tensors_tokens_and_depthwise_convolutions_keep_their_precision()
    {
        Checkpoint quantised = Quantised(MadeUpWeights.Create(ModelZoo.Nano), QuantizedArithmetic.Int8);
        foreach ((string key, StoredTensor tensor) in quantised.Tensors)
        {
            bool isWeight = key.EndsWith(".weight", StringComparison.Ordinal) && tensor.Shape.Count >= 2;
            if (tensor.Scales is not null)
                Assert.True(isWeight, key);
            if (key.EndsWith("_token.weight", StringComparison.Ordinal) || key.EndsWith("_tokens.weight", StringComparison.Ordinal) || key.Contains("local_conv", StringComparison.Ordinal)
                || key.Contains("point_embeddings", StringComparison.Ordinal) || key.Contains("running", StringComparison.Ordinal))
            {
                Assert.Null(tensor.Scales);
            }
        }
    }

    private static SamConfig Config(string name) => name switch
    {
        "small_dino" => DinoVisionTransformerTests.Small(channels: 48, heads: 2),
        "small_vit" => ImageEncoderViTTests.Small(256, 14, 48, 3),
        _ => ModelZoo.Nano,
    };

    private static Checkpoint Quantised(SamModel model, QuantizedArithmetic arithmetic, params string[] floats)
    {
        var source = new Checkpoint("source", model.State.ToStored(DataType.Float32).ToDictionary(), model.Metadata());
        return ModelQuantizer.Quantize(source, new QuantizationInfo { Arithmetic = arithmetic, FloatLayers = floats });
    }

    private static float[] Embedding(SamModel model)
    {
        using Tape tape = Tape.Inference();
        if (model.Config.Encoder is DinoVisionTransformerConfig)
            return model.ImageEncoder.Forward(DinoVisionTransformerTests.Input(96, (6, 4))).Span.ToArray();
        int size = model.Config.ImageSize;
        return model.ImageEncoder.Forward(Samples.Tensor(1, 1, size, size, 3)).Span.ToArray();
    }
}
