using PocketSam.Models;

namespace PocketSam.Tests.Models;

public sealed class DinoPretrainingTests
{
    private const string Prefix = "image_encoder.";
    private static readonly SamConfig Config = DinoVisionTransformerTests.Small(channels: 64, heads: 1);

    [Theory]
    [InlineData(false, "")]
    [InlineData(false, "backbone.")]
    [InlineData(true, "")]
    [InlineData(true, "dinov2.")]
    public void The_encoder_begins_with_a_backbone_under_both_ways_of_naming(bool transformers, string prefix)
    {
        SamModel source = MadeUpWeights.Create(WithRegisters(2));

        (SamModel model, EncoderPretraining report) = EncoderPretraining.Begin(Backbone(source, transformers, prefix), Config, seed: 4);

        Assert.Equal(2, ((DinoVisionTransformerConfig)model.Config.Encoder).RegisterTokens);
        Assert.All(report.Used, key => Assert.Equal(Values(source, key), Values(model, key)));
        Assert.Contains(Prefix + "register_tokens", report.Used);
        Assert.All(report.Fresh, key => Assert.True(key.Contains(".neck.") || key.Contains(".high_res."), key));
        Assert.Equal(["mask_token"], report.Ignored);
        Assert.Equal(
            model.State.Entries.Count(e => e.Key.StartsWith(Prefix, StringComparison.Ordinal)), report.Used.Count + report.Fresh.Count);
    }

    [Fact]
    public void What_does_not_fit_is_named()
    {
        SamModel source = MadeUpWeights.Create(WithRegisters(0));
        Refused("tensor blocks.2.mlp.fc2.bias is missing", t => t.Remove("blocks.2.mlp.fc2.bias"));
        Refused("tensor blocks.9.extra", t => t["blocks.1.extra"] = t["norm.bias"], "tensor blocks.1.extra: small_dino has no such part");
        Refused("SwiGLU", t => t["blocks.0.mlp.w12.weight"] = t["norm.bias"]);
        Refused("no DINOv2 ViT-S/14", t => t["pos_embed"] = StoredTensor.FromFloats(new float[16 * 64], [1, 16, 64]));
        Refused("no DINOv2 ViT-S/14", t => t["patch_embed.proj.weight"] = StoredTensor.FromFloats(new float[64 * 3 * 256], [64, 3, 16, 16]));
        Refused("where small_dino has 3 of 64", t => t["blocks.3.norm1.bias"] = t["norm.bias"]);
        Refused(
            "tensor norm.bias: holds a value that is not finite",
            t => t["norm.bias"] = StoredTensor.FromFloats([.. new float[63], float.NaN], [64]));
        Refused("tensor norm.bias: shape [3]", t => t["norm.bias"] = StoredTensor.FromFloats(new float[3], [3]));
        Refused(
            "tensor blocks.0.attn.qkv.weight: query, key or value is missing",
            t => t.Remove("encoder.layer.0.attention.attention.key.weight"), transformers: true);
        Assert.Contains(
            "pocket has no DINOv2 encoder",
            Assert.Throws<ArgumentException>(() => EncoderPretraining.Begin(Backbone(source, false, ""), ModelZoo.Pocket, 1)).Message,
            StringComparison.Ordinal);

        void Refused(string message, Action<Dictionary<string, StoredTensor>> change, string? precise = null, bool transformers = false)
        {
            Checkpoint checkpoint = Backbone(source, transformers, "");
            var tensors = new Dictionary<string, StoredTensor>(checkpoint.Tensors);
            change(tensors);
            Assert.Contains(
                precise ?? message,
                Assert.Throws<CheckpointFormatException>(
                    () => EncoderPretraining.Begin(checkpoint with { Tensors = tensors }, Config, seed: 1)).Message,
                StringComparison.Ordinal);
        }
    }

    private static SamConfig WithRegisters(int count) => Config with
    {
        Encoder = (DinoVisionTransformerConfig)Config.Encoder with { RegisterTokens = count },
    };

    private static float[] Values(SamModel model, string key) => model.State.Entries.Single(e => e.Key == key).ToStored();

    /// <summary>The encoder of a model as a backbone: without neck and stem, with a mask token.</summary>
    private static Checkpoint Backbone(SamModel model, bool transformers, string prefix)
    {
        var tensors = new Dictionary<string, StoredTensor> { [prefix + (transformers ? "embeddings.mask_token" : "mask_token")] = StoredTensor.FromFloats([1], [1]) };
        foreach ((string key, StoredTensor tensor) in model.State.ToStored(DataType.Float32))
        {
            if (!key.StartsWith(Prefix, StringComparison.Ordinal) || key.Contains(".neck.") || key.Contains(".high_res."))
                continue;
            string name = key[Prefix.Length..];
            if (transformers && name.Contains(".attn.qkv."))
            {
                float[] all = tensor.ToFloats();
                int[] shape = [.. tensor.Shape];
                shape[0] /= 3;
                for (int i = 0; i < 3; i++)
                {
                    string part = name.Replace("blocks.", "encoder.layer.").Replace("attn.qkv", $"attention.attention.{"query key value".Split(' ')[i]}");
                    tensors[prefix + part] = StoredTensor.FromFloats(all.AsSpan(i * all.Length / 3, all.Length / 3).ToArray(), shape);
                }
            }
            else
            {
                tensors[prefix + (transformers ? Transformers(name) : name)] = tensor;
            }
        }

        return new Checkpoint("backbone", tensors, new Dictionary<string, string>());
    }

    private static string Transformers(string name) => name switch
    {
        "cls_token" or "register_tokens" => "embeddings." + name,
        "pos_embed" => "embeddings.position_embeddings",
        _ when name.StartsWith("patch_embed.proj", StringComparison.Ordinal) => name.Replace("patch_embed.proj", "embeddings.patch_embeddings.projection"),
        _ when name.StartsWith("norm.", StringComparison.Ordinal) => "layer" + name,
        _ => name.Replace("blocks.", "encoder.layer.").Replace("attn.proj", "attention.output.dense")
            .Replace("ls1.gamma", "layer_scale1.lambda1").Replace("ls2.gamma", "layer_scale2.lambda1"),
    };
}
