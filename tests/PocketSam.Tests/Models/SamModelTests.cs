using System.Text.Json.Nodes;
using PocketSam.Models;
using PocketSam.Tensors;

namespace PocketSam.Tests.Models;

public sealed class SamModelTests
{
    [Fact]
    public void A_saved_model_computes_the_same()
    {
        using var folder = new TemporaryFolder();
        SamModel model = MadeUpWeights.Create(ModelZoo.Nano);
        Save(model, folder["a.safetensors"], DataType.Float32);
        SamModel loaded = SamModel.FromCheckpoint(Safetensors.Read(folder["a.safetensors"]));
        Assert.Equal(ModelZoo.ToJson(model.Config), ModelZoo.ToJson(loaded.Config));
        Assert.Equal(model.Parameters, loaded.Parameters);
        Assert.Equal(Outputs(model), Outputs(loaded));
    }

    [Fact]
    public void A_model_saved_in_half_precision_computes_nearly_the_same()
    {
        const float Tolerance = 0.02f; // of outputs about 1, of weights rounded to 11 bits
        using var folder = new TemporaryFolder();
        SamModel model = MadeUpWeights.Create(ModelZoo.Nano);
        Save(model, folder["a.safetensors"], DataType.Float16);
        SamModel loaded = SamModel.FromCheckpoint(Safetensors.Read(folder["a.safetensors"]));
        float[] expected = Outputs(model), actual = Outputs(loaded);
        float largest = expected.Max(MathF.Abs);
        Assert.NotEqual(expected, actual);
        for (int i = 0; i < expected.Length; i++)
            Assert.Equal(expected[i], actual[i], Tolerance * largest);

        // Rounded once: saving again changes nothing.
        Save(loaded, folder["b.safetensors"], DataType.Float16);
        Assert.Equal(File.ReadAllBytes(folder["a.safetensors"]), File.ReadAllBytes(folder["b.safetensors"]));
    }

    [Fact]
    public void The_architecture_travels_in_the_metadata()
    {
        foreach (SamConfig config in ModelZoo.All)
        {
            SamConfig read = ModelZoo.FromCheckpoint(With(ModelZoo.ToJson(config)));
            Assert.Equal(ModelZoo.ToJson(config), ModelZoo.ToJson(read));
            Assert.Same(config, ModelZoo.Find(config.Name));
        }

        Assert.Null(ModelZoo.Find("vit_z"));
    }

    [Fact]
    public void An_encoder_of_no_kind_is_a_tiny_vit()
    {
        // As the first models have it.
        string json = ModelZoo.ToJson(ModelZoo.Nano);
        string older = json.Replace("\"type\":\"tiny_vit\",", "", StringComparison.Ordinal);
        Assert.NotEqual(json, older);
        Assert.Equal(json, ModelZoo.ToJson(ModelZoo.FromCheckpoint(With(older))));
    }

    [Fact]
    public void The_kind_of_an_encoder_may_stand_anywhere()
    {
        // As a program writes it that sorts names.
        foreach (SamConfig config in (SamConfig[])[ModelZoo.Nano, ModelZoo.VitB])
        {
            string json = ModelZoo.ToJson(config);
            JsonNode node = JsonNode.Parse(json)!;
            JsonObject encoder = node["encoder"]!.AsObject();
            JsonNode kind = encoder["type"]!;
            encoder.Remove("type");
            encoder.Add("type", kind);
            Assert.Equal(json, ModelZoo.ToJson(ModelZoo.FromCheckpoint(With(node.ToJsonString()))));
        }
    }

    [Fact]
    public void The_official_architecture_has_the_official_number_of_weights()
    {
        // SAM: 4,058,340 in the mask decoder, 6,220 in the prompt encoder. MobileSAM's encoder: 5.78M published.
        SamModel model = SamModel.Create(ModelZoo.VitT, seed: 1);
        Assert.Equal(4_058_340, Count("mask_decoder."));
        Assert.Equal(6_220, Count("prompt_encoder."));
        Assert.InRange(Count("image_encoder."), 5_700_000, 5_800_000);

        long Count(string prefix) => model.State.Entries
            .Where(e => e.Trainable && e.Key.StartsWith(prefix, StringComparison.Ordinal))
            .Sum(e => (long)e.Weight.Value.Count);
    }

    [Fact]
    public void Encoders_have_the_published_numbers_of_weights()
    {
        // SAM ViT-B: 93,735,472 with the decoder's 4,064,560. timm's TinyViT with classifiers of 1000 classes instead of
        // the neck: 5.39, 11.00 and 21.20 million.
        Assert.Equal(93_735_472 - 4_064_560, Count(MadeUpWeights.OfGolden("vit_b"), withNeck: true));
        Assert.InRange(Classifier(ModelZoo.VitT), 5_385_000, 5_395_000);
        Assert.InRange(Classifier(ModelZoo.VitT11M), 10_995_000, 11_005_000);
        Assert.InRange(Classifier(ModelZoo.VitT21M), 21_195_000, 21_205_000);

        static long Classifier(SamConfig config)
        {
            int width = ((TinyVitConfig)config.Encoder).EmbedDims[3];
            return Count(SamModel.Create(config, seed: 1)) + 2 * width + 1000 * (width + 1);
        }

        static long Count(SamModel model, bool withNeck = false) => model.State.Entries
            .Where(e => e.Trainable && e.Key.StartsWith("image_encoder.", StringComparison.Ordinal)
                && (withNeck || !e.Key.Contains(".neck.", StringComparison.Ordinal)))
            .Sum(e => (long)e.Weight.Value.Count);
    }

    [Fact]
    public void An_architecture_larger_than_its_checkpoint_takes_no_memory()
    {
        const long MemoryLimit = 1 << 20; // the first tensor that is missing ends it
        SamConfig large = ModelZoo.Nano with
        {
            Encoder = (TinyVitConfig)ModelZoo.Nano.Encoder with { EmbedDims = [4096, 4096, 4096, 4096], MlpRatio = 16 },
            PromptEmbedDim = 4096,
        };
        var empty = new Checkpoint("test", new Dictionary<string, StoredTensor>(), new Dictionary<string, string>());
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<CheckpointFormatException>(() => SamModel.FromCheckpoint(empty, large));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, MemoryLimit);
    }

    [Fact]
    public void Tensors_that_are_missing_unknown_or_of_another_shape_are_named()
    {
        SamModel model = SamModel.Create(ModelZoo.Nano, seed: 1);
        const string Key = "mask_decoder.iou_token.weight";
        Assert.Contains(
            $"tensor {Key} is missing", Refused(model, t => t.Remove(Key)), StringComparison.Ordinal);
        Assert.Contains(
            $"tensor {Key}: shape [32, 1]",
            Refused(model, t => t[Key] = StoredTensor.FromFloats(new float[32], [32, 1])), StringComparison.Ordinal);
        Assert.Contains(
            $"tensor {Key}: holds a value that is not finite",
            Refused(model, t => t[Key] = StoredTensor.FromFloats([.. new float[31], float.NaN], [1, 32])),
            StringComparison.Ordinal);
        Assert.Contains(
            "mask_decoder.extra",
            Refused(model, t => t["mask_decoder.extra"] = StoredTensor.FromFloats([1f], [1])),
            StringComparison.Ordinal);
    }

    [Fact]
    public void What_official_checkpoints_hold_beside_is_ignored()
    {
        SamModel model = SamModel.Create(ModelZoo.Nano, seed: 1);
        string[] keys =
        [
            "pixel_mean", "image_encoder.head.weight", "image_encoder.norm_head.bias",
            "image_encoder.layers.1.blocks.0.attn.attention_bias_idxs",
            "image_encoder.patch_embed.seq.0.bn.num_batches_tracked",
        ];
        SamModel.FromCheckpoint(Change(model, t =>
        {
            foreach (string key in keys)
                t[key] = StoredTensor.FromFloats([1f], [1]);
        }));
    }

    [Fact]
    public void A_checkpoint_without_architecture_is_refused_unless_it_is_given()
    {
        SamModel model = SamModel.Create(ModelZoo.Nano, seed: 1);
        Checkpoint bare = Change(model, _ => { }) with { Metadata = new Dictionary<string, string>() };
        Assert.Contains(
            ModelZoo.MetadataKey, Assert.Throws<CheckpointFormatException>(() => SamModel.FromCheckpoint(bare)).Message,
            StringComparison.Ordinal);
        SamModel.FromCheckpoint(bare, ModelZoo.Nano);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{\"name\":\"x\",\"encoder\":null}")]
    [InlineData("{\"name\":\"x\",\"encoder\":{}}")]
    [InlineData("{\"name\":\"x\",\"encoder\":{\"embed_dims\":null,\"depths\":[],\"num_heads\":[],\"window_sizes\":[]}}")]
    public void A_broken_architecture_is_refused(string json)
        => Assert.Throws<CheckpointFormatException>(() => ModelZoo.FromCheckpoint(With(json)));

    [Theory]
    [InlineData("\"embed_dims\":[8,16,24,32]", "\"embed_dims\":[8,16,24]")]
    [InlineData("\"embed_dims\":[8,16,24,32]", "\"embed_dims\":[8,16,25,32]")]
    [InlineData("\"embed_dims\":[8,16,24,32]", "\"embed_dims\":[9,16,24,32]")]
    [InlineData("\"embed_dims\":[8,16,24,32]", "\"embed_dims\":[8,16,24,2000000000]")]
    [InlineData("\"depths\":[1,1,1,1]", "\"depths\":[1,1,-1,1]")]
    [InlineData("\"num_heads\":[1,1,2,2]", "\"num_heads\":[1,0,2,2]")]
    [InlineData("\"window_sizes\":[4,4,4,4]", "\"window_sizes\":[4,4,0,4]")]
    [InlineData("\"depths\":[1,1,1,1]", "\"depths\":[1,1,4000,1]")]
    [InlineData("\"window_sizes\":[4,4,4,4]", "\"window_sizes\":[4,4,4000,4]")]
    [InlineData("\"image_size\":128", "\"image_size\":100")]
    [InlineData("\"image_size\":128", "\"image_size\":-64")]
    [InlineData("\"image_size\":128", "\"image_size\":1073741824")]
    [InlineData("\"prompt_embed_dim\":32", "\"prompt_embed_dim\":0")]
    [InlineData("\"prompt_embed_dim\":32", "\"prompt_embed_dim\":1073741824")]
    [InlineData("\"mask_in_channels\":8", "\"mask_in_channels\":0")]
    [InlineData("\"mask_in_channels\":8", "\"mask_in_channels\":-4")]
    [InlineData("\"mask_in_channels\":8", "\"mask_in_channels\":1073741824")]
    [InlineData("\"decoder_depth\":2", "\"decoder_depth\":0")]
    [InlineData("\"decoder_depth\":2", "\"decoder_depth\":2000000000")]
    [InlineData("\"decoder_heads\":2", "\"decoder_heads\":0")]
    [InlineData("\"decoder_heads\":2", "\"decoder_heads\":-1")]
    [InlineData("\"decoder_mlp_dim\":64", "\"decoder_mlp_dim\":-64")]
    [InlineData("\"decoder_mlp_dim\":64", "\"decoder_mlp_dim\":2147483647")]
    [InlineData("\"num_multimask_outputs\":3", "\"num_multimask_outputs\":2147483647")]
    [InlineData("\"iou_head_depth\":3", "\"iou_head_depth\":2147483647")]
    [InlineData("\"iou_head_hidden_dim\":32", "\"iou_head_hidden_dim\":0")]
    [InlineData("\"iou_head_hidden_dim\":32", "\"iou_head_hidden_dim\":-5")]
    [InlineData("\"iou_head_hidden_dim\":32", "\"iou_head_hidden_dim\":2147483647")]
    [InlineData("\"mlp_ratio\":4", "\"mlp_ratio\":0")]
    [InlineData("\"type\":\"tiny_vit\"", "\"type\":\"mystery\"")]
    public void Impossible_numbers_are_refused(string good, string bad) => AssertRefused(ModelZoo.Nano, good, bad);

    [Theory]
    [InlineData("\"embed_dim\":768", "\"embed_dim\":769")]
    [InlineData("\"embed_dim\":768", "\"embed_dim\":76800")]
    [InlineData("\"depth\":12", "\"depth\":0")]
    [InlineData("\"depth\":12", "\"depth\":100")]
    [InlineData("\"depth\":12", "\"depth\":11")]
    [InlineData("\"num_heads\":12", "\"num_heads\":0")]
    [InlineData("[2,5,8,11]", "null")]
    [InlineData("[2,5,8,11]", "[-1]")]
    [InlineData("\"window_size\":14", "\"window_size\":0")]
    [InlineData("\"mlp_ratio\":4", "\"mlp_ratio\":17")]
    public void Impossible_numbers_of_a_vit_are_refused(string good, string bad) => AssertRefused(ModelZoo.VitB, good, bad);

    private static void AssertRefused(SamConfig config, string good, string bad)
    {
        string json = ModelZoo.ToJson(config);
        Assert.Contains(good, json, StringComparison.Ordinal);
        var e = Assert.Throws<CheckpointFormatException>(
            () => ModelZoo.FromCheckpoint(With(json.Replace(good, bad, StringComparison.Ordinal))));
        Assert.StartsWith("test: ", e.Message, StringComparison.Ordinal);
    }

    private static Checkpoint With(string json) => new(
        "test", new Dictionary<string, StoredTensor>(),
        new Dictionary<string, string> { [ModelZoo.MetadataKey] = json });

    private static Checkpoint Change(SamModel model, Action<Dictionary<string, StoredTensor>> change)
    {
        var tensors = new Dictionary<string, StoredTensor>(model.State.ToStored(DataType.Float32));
        change(tensors);
        return new Checkpoint("test", tensors, model.Metadata());
    }

    private static string Refused(SamModel model, Action<Dictionary<string, StoredTensor>> change)
        => Assert.Throws<CheckpointFormatException>(() => SamModel.FromCheckpoint(Change(model, change))).Message;

    private static void Save(SamModel model, string path, DataType type)
        => Safetensors.Write(path, model.State.ToStored(type), model.Metadata());

    private static float[] Outputs(SamModel model)
    {
        using Tape tape = Tape.Inference();
        Tensor embedding = model.ImageEncoder.Forward(Samples.Tensor(1, 1, 64, 64, 3));
        (Tensor logits, Tensor iou) = model.Decode(
            embedding, [new(10.5f, 20.5f, PointLabel.Foreground), PromptToken.Padding], 1, null);
        return [.. logits.Span, .. iou.Span];
    }
}
