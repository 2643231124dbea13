using PocketSam.Layers;
using PocketSam.Models;

namespace PocketSam.Tests.Models;

public sealed class TinyVitPretrainingTests
{
    private const string Prefix = "image_encoder.";
    private const string Key = "layers.1.blocks.0.attn.attention_biases";

    /// <summary>Some of the encoder's keys and what timm/models/tiny_vit.py calls them.</summary>
    private static readonly (string Original, string Timm)[] Names =
    [
        ("patch_embed.seq.0.c.weight", "patch_embed.conv1.conv.weight"),
        ("patch_embed.seq.2.bn.running_var", "patch_embed.conv2.bn.running_var"),
        ("layers.0.blocks.0.conv3.bn.weight", "stages.0.blocks.0.conv3.bn.weight"),
        ("layers.0.downsample.conv1.c.weight", "stages.1.downsample.conv1.conv.weight"),
        ("layers.2.downsample.conv3.bn.bias", "stages.3.downsample.conv3.bn.bias"),
        ("layers.1.blocks.0.local_conv.c.weight", "stages.1.blocks.0.local_conv.conv.weight"),
        ("layers.3.blocks.0.attn.attention_biases", "stages.3.blocks.0.attn.attention_biases"),
        ("layers.3.blocks.0.mlp.norm.weight", "stages.3.blocks.0.mlp.norm.weight"),
    ];

    [Theory]
    [InlineData(false, "")]
    [InlineData(false, "model.")]
    [InlineData(true, "")]
    public void All_but_the_neck_is_taken(bool timm, string prefix)
    {
        SamModel source = MadeUpWeights.Create(ModelZoo.Nano), model = SamModel.Create(ModelZoo.Nano, seed: 1);
        float[] neck = Values(model, "image_encoder.neck.0.weight"), decoder = Values(model, "mask_decoder.iou_token.weight");

        EncoderPretraining report = TinyVitPretraining.Load(Classifier(source, timm, prefix), model);

        StateEntry[] encoder = [.. model.State.Entries.Where(e => e.Key.StartsWith(Prefix, StringComparison.Ordinal))];
        foreach (StateEntry entry in encoder.Where(e => !e.Key.Contains(".neck.", StringComparison.Ordinal)))
            Assert.Equal(Values(source, entry.Key), entry.Weight.Value.Span.ToArray());
        Assert.Equal(neck, Values(model, "image_encoder.neck.0.weight"));
        Assert.Equal(decoder, Values(model, "mask_decoder.iou_token.weight"));
        Assert.Equal(encoder.Length, report.Used.Count + report.Fresh.Count);
        Assert.Equal(6, report.Fresh.Count);
        Assert.All(report.Fresh, key => Assert.StartsWith("image_encoder.neck.", key, StringComparison.Ordinal));
        Assert.Empty(report.Resized);
        Assert.Equal(3, report.Ignored.Count);
    }

    [Fact]
    public void Timm_has_names_of_its_own()
    {
        IReadOnlyDictionary<string, StoredTensor> original = Classifier(MadeUpWeights.Create(ModelZoo.Nano), timm: false).Tensors;
        IReadOnlyDictionary<string, StoredTensor> timm = Classifier(MadeUpWeights.Create(ModelZoo.Nano), timm: true).Tensors;
        foreach ((string name, string timmName) in Names)
            Assert.Equal(original[name].ToFloats(), timm[timmName].ToFloats());
    }

    [Fact]
    public void Tables_of_other_windows_are_resized()
    {
        SamModel source = MadeUpWeights.Create(ModelZoo.Nano with
        {
            Encoder = (TinyVitConfig)ModelZoo.Nano.Encoder with { WindowSizes = [7, 7, 4, 7] },
        });
        SamModel model = SamModel.Create(ModelZoo.Nano, seed: 1);

        EncoderPretraining report = TinyVitPretraining.Load(Classifier(source, timm: false), model);

        Assert.Equal(
            ["image_encoder.layers.1.blocks.0.attn.attention_biases", "image_encoder.layers.3.blocks.0.attn.attention_biases"],
            report.Resized);
        Assert.Equal(
            TinyVitPretraining.Resize(Values(source, Prefix + Key), 1, 7, 4), Values(model, Prefix + Key));
    }

    [Fact]
    public void Resizing_is_pytorch_s_bicubic_interpolation()
    {
        // torch.nn.functional.interpolate(x.view(1, 1, 3, 3), size, mode="bicubic") of x = i * i / 8, PyTorch 1.13.
        float[] table = [.. Enumerable.Range(0, 9).Select(i => i * i / 8f)];
        AssertClose(
            [
                -0.0858577f, -0.0705121f, 0.113969f, 0.334637f,
                0.311324f, 0.598077f, 1.20685f, 1.69893f,
                2.37666f, 3.08771f, 4.3598f, 5.27617f,
                4.62175f, 5.6042f, 7.30058f, 8.48836f,
            ],
            TinyVitPretraining.Resize(table, 1, 3, 4));
        AssertClose([0.178844f, 0.815296f, 4.04967f, 6.64759f], TinyVitPretraining.Resize(table, 1, 3, 2));
        Assert.Equal(table, TinyVitPretraining.Resize(table, 1, 3, 3));

        static void AssertClose(float[] expected, float[] actual)
        {
            Assert.Equal(expected.Length, actual.Length);
            for (int i = 0; i < expected.Length; i++)
                Assert.Equal(expected[i], actual[i], 1e-5f);
        }
    }

    [Fact]
    public void What_does_not_fit_is_named_and_changes_nothing()
    {
        SamModel source = MadeUpWeights.Create(ModelZoo.Nano), model = SamModel.Create(ModelZoo.Nano, seed: 1);
        float[] before = Values(model, Prefix + Key);

        Refused("no TinyViT classifier", t => t.Remove("patch_embed.seq.0.c.weight"));
        Refused("tensor layers.3.blocks.0.mlp.fc2.bias is missing", t => t.Remove("layers.3.blocks.0.mlp.fc2.bias"));
        Refused("tensor layers.9.extra", t => t["layers.9.extra"] = StoredTensor.FromFloats([1], [1]));
        Refused($"tensor {Key}: shape [2, 16]", t => t[Key] = StoredTensor.FromFloats(new float[32], [2, 16]));
        Refused($"tensor {Key}: shape [1, 15]", t => t[Key] = StoredTensor.FromFloats(new float[15], [1, 15]));
        Refused(
            $"tensor {Key}: holds a value that is not finite",
            t => t[Key] = StoredTensor.FromFloats([.. new float[15], float.NaN], [1, 16]));
        Refused($"tensor model.{Key}: occurs with and without model.", t => t["model." + Key] = t[Key]);
        Assert.Equal(before, Values(model, Prefix + Key));

        SamModel vit = SamModel.Create(ImageEncoderViTTests.Small(64, 2, 8, 1), seed: 1);
        Assert.Contains(
            "no TinyViT encoder",
            Assert.Throws<ArgumentException>(() => TinyVitPretraining.Load(Classifier(source, timm: false), vit)).Message,
            StringComparison.Ordinal);

        void Refused(string message, Action<Dictionary<string, StoredTensor>> change)
        {
            Checkpoint checkpoint = Classifier(source, timm: false);
            var tensors = new Dictionary<string, StoredTensor>(checkpoint.Tensors);
            change(tensors);
            Assert.Contains(
                message,
                Assert.Throws<CheckpointFormatException>(
                    () => TinyVitPretraining.Load(checkpoint with { Tensors = tensors }, model)).Message,
                StringComparison.Ordinal);
        }
    }

    /// <summary>The encoder of a model as a classifier: without neck, with a head.</summary>
    private static Checkpoint Classifier(SamModel model, bool timm, string prefix = "")
    {
        var tensors = model.State.ToStored(DataType.Float32)
            .Where(t => t.Key.StartsWith(Prefix, StringComparison.Ordinal) && !t.Key.Contains(".neck.", StringComparison.Ordinal))
            .ToDictionary(t => prefix + (timm ? Timm(t.Key[Prefix.Length..]) : t.Key[Prefix.Length..]), t => t.Value);
        string[] beside = timm
            ? ["head.norm.weight", "head.fc.weight", "patch_embed.conv1.bn.num_batches_tracked"]
            : ["norm_head.weight", "head.weight", "patch_embed.seq.0.bn.num_batches_tracked"];
        foreach (string name in beside)
            tensors.Add(prefix + name, StoredTensor.FromFloats([1], [1]));
        return new Checkpoint("classifier", tensors, new Dictionary<string, string>());
    }

    private static string Timm(string name)
    {
        for (int layer = 2; layer >= 0; layer--)
            name = name.Replace($"layers.{layer}.downsample", $"stages.{layer + 1}.downsample", StringComparison.Ordinal);
        return name.Replace("layers.", "stages.", StringComparison.Ordinal)
            .Replace("patch_embed.seq.0", "patch_embed.conv1", StringComparison.Ordinal)
            .Replace("patch_embed.seq.2", "patch_embed.conv2", StringComparison.Ordinal)
            .Replace(".c.weight", ".conv.weight", StringComparison.Ordinal);
    }

    private static float[] Values(SamModel model, string key)
        => model.State.Entries.Single(e => e.Key == key).Weight.Value.Span.ToArray();
}
