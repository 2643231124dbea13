using System.Text.Json;
using PocketSam.Models;
using PocketSam.Segmentation;
using PocketSam.Tensors;

namespace PocketSam.Tests.Models;

/// <summary>CLIP's towers, with made-up weights, against outputs of transformers' <c>CLIPModel</c>.</summary>
public sealed class ClipGoldenTests
{
    /// <summary>
    /// Largest difference of a value of an embedding, whose standard deviation is 1. The reference itself is within 5e-5 of
    /// float64; sums are in another order here.
    /// </summary>
    private const float Tolerance = 2e-4f;

    /// <summary>The same for 100 times a cosine, where the reference is within 1.4e-4 of float64.</summary>
    private const float LogitTolerance = 1e-3f;

    /// <summary>Largest difference of a value inside of a tower over the largest there.</summary>
    private const float StageTolerance = 2e-5f;

    /// <summary>Normalised pixels, of up to 3.</summary>
    private const float PixelTolerance = 1e-6f;

    private static readonly string[] Tiny =
        ["hf/model.safetensors", "open_clip/open_clip_model.safetensors", "openai/f32.pt", "openai/f16.pt", "openai/jit_mixed.pt"];

    public static TheoryData<string> TinyFiles => [.. Tiny];

    [Fact]
    public void Pictures_are_prepared_as_Pillow_does()
    {
        using Checkpoint inputs = GoldenFiles.Read("clip/inputs");
        for (int i = 0; i < 3; i++)
        {
            RgbImage image = GoldenFiles.Image(inputs.Tensors[$"image.{i}"]);
            Assert.Equal(inputs.Tensors[$"crop32.{i}"].ToBytes(), ClipPreparation.CropMiddle(image, 32).Pixels);
            byte[] crop = ClipPreparation.CropMiddle(image, 224).Pixels, sample = inputs.Tensors[$"crop224.{i}.sample"].ToBytes();
            for (int k = 0; k < sample.Length; k++)
                Assert.Equal(sample[k], crop[(k / 168 * 4 * 224 + k / 3 % 56 * 4) * 3 + k % 3]);
            int[] rows = new int[224 * 3], columns = new int[224 * 3];
            for (int k = 0; k < crop.Length; k++)
            {
                rows[k / 672 * 3 + k % 3] += crop[k];
                columns[k % 672] += crop[k];
            }

            Assert.Equal(inputs.Tensors[$"crop224.{i}.row_sums"].ToFloats(), rows.Select(v => (float)v));
            Assert.Equal(inputs.Tensors[$"crop224.{i}.column_sums"].ToFloats(), columns.Select(v => (float)v));

            using Tape tape = Tape.Inference();
            float[] expected = inputs.Tensors[$"pixels32.{i}"].ToFloats();
            Tensor pixels = ClipPreparation.Normalize([ClipPreparation.CropMiddle(image, 32)], Config("tiny", ClipActivation.QuickGelu));
            for (int k = 0; k < expected.Length; k++)
                Assert.Equal(expected[k], pixels.Span[k % 1024 * 3 + k / 1024], PixelTolerance);
        }
    }

    [Fact]
    public void Sizes_and_margins_are_those_of_torchvision()
    {
        using Checkpoint inputs = GoldenFiles.Read("clip/inputs");
        foreach (int[] row in JsonSerializer.Deserialize<int[][]>(inputs.Metadata["sizes"])!)
        {
            (int width, int height) = ClipPreparation.ResizedSize(row[0], row[1], row[2]);
            Assert.Equal((row[3], row[4]), (width, height));
            Assert.Equal(row[7], (int)Math.Round((width - row[2]) / 2.0, MidpointRounding.ToEven));
            Assert.Equal(row[8], (int)Math.Round((height - row[2]) / 2.0, MidpointRounding.ToEven));
        }
    }

    /// <summary>A row of 65,535 pixels becomes 14,679,840 by 224, of which the middle is all that is computed.</summary>
    [Fact]
    public void A_picture_of_one_row_takes_no_more_than_its_middle()
    {
        RgbImage crop = ClipPreparation.CropMiddle(new RgbImage(65_535, 1), 224);
        Assert.Equal((224, 224), (crop.Width, crop.Height));
    }

    [Theory]
    [InlineData("vit_b32", ClipActivation.QuickGelu, 1)]
    [InlineData("vit_b32_gelu", ClipActivation.Gelu, 1)]
    [InlineData("vit_b16", ClipActivation.QuickGelu, 2)]
    public void Towers_equal_the_reference(string file, ClipActivation activation, ulong seed)
    {
        string keys = file == "vit_b16" ? file : "vit_b32";
        ClipModel model = MadeUpClip.Create(GoldenFiles.Require($"clip/keys/{keys}.tsv"), activation, seed);
        using Checkpoint golden = GoldenFiles.Read("clip/" + file), inputs = GoldenFiles.Read("clip/inputs");
        AssertModel(model, golden, "", Ids(inputs.Tensors["ids"]), inputs, checkStages: true);
    }

    [Theory]
    [MemberData(nameof(TinyFiles))]
    public void A_file_of_any_library_holds_the_same_model(string file)
    {
        string path = GoldenFiles.Require("clip/tiny/" + file);
        using Checkpoint golden = GoldenFiles.Read("clip/tiny"), inputs = GoldenFiles.Read("clip/inputs");
        Clip clip = Clip.Load(path, file is "openai/f32.pt" or "openai/f16.pt" ? ClipActivation.QuickGelu : null);
        Assert.Equal((32, 8, 640, 77, 16), (
            clip.Config.ImageSize, clip.Config.PatchSize, clip.Config.VocabularySize, clip.Config.ContextLength, clip.Config.EmbedDim));
        Assert.Equal(new ClipTowerConfig(24, 2, 1, 96), clip.Config.Vision);
        Assert.Equal(new ClipTowerConfig(16, 2, 1, 64), clip.Config.Text);
        Assert.Equal(MathF.Exp((float)(Half)MathF.Log(100)), clip.LogitScale, 1e-4f);
        AssertModel(Model(path), golden, "", Ids(golden.Tensors["ids"]), inputs, checkStages: true);

        // The public face: of length one, and the end token's id where texts are padded changes nothing.
        IReadOnlyList<float[]> images = clip.EmbedImages([.. Enumerable.Range(0, 3).Select(i => GoldenFiles.Image(inputs.Tensors[$"image.{i}"]))]);
        AssertClose([.. images.SelectMany(v => v)], golden.Tensors["image_embedding_normalised"].ToFloats(), Tolerance);
        int[][] ids = Ids(golden.Tensors["ids"]);
        IReadOnlyList<float[]> texts = clip.EmbedTokens(ids);
        float[] logits = [.. images.SelectMany(image => texts.Select(text => clip.LogitScale * Dot(image, text)))];
        AssertClose(logits, golden.Tensors["logits"].ToFloats(), LogitTolerance);
        int[] padded = [.. ids[0].Select((id, i) => i <= Array.IndexOf(ids[0], 639) ? id : 639)];
        AssertClose(clip.EmbedTokens([padded])[0], texts[0], 0);
    }

    /// <summary>Eight bits in the image tower turn an embedding of made-up weights by less than four degrees, and nothing else changes.</summary>
    [Theory]
    [MemberData(nameof(TinyFiles))]
    public void A_file_of_eight_bits_holds_nearly_the_same_model(string file)
    {
        string path = GoldenFiles.Require("clip/tiny/" + file);
        using var folder = new TemporaryFolder();
        using Checkpoint floats = Clip.ReadCheckpoint(path, file is "openai/f32.pt" or "openai/f16.pt" ? ClipActivation.QuickGelu : null);
        Assert.Equal(8, ModelQuantizer.IntegerLayers(floats).Count);
        Checkpoint whole = ModelQuantizer.Quantize(floats, new QuantizationInfo { Arithmetic = QuantizedArithmetic.Int8 });
        Assert.True(whole.Tensors["token_embedding.weight"].IsFloating);
        Safetensors.Write(folder["whole.safetensors"], whole.Tensors.ToList(), whole.Metadata);
        Clip before = Clip.FromCheckpoint(floats, path), after = Clip.Load(folder["whole.safetensors"]);
        using Checkpoint golden = GoldenFiles.Read("clip/tiny"), inputs = GoldenFiles.Read("clip/inputs");
        RgbImage[] images = [.. Enumerable.Range(0, 3).Select(i => GoldenFiles.Image(inputs.Tensors[$"image.{i}"]))];
        foreach ((float[] a, float[] b) in before.EmbedImages(images).Zip(after.EmbedImages(images)))
            Assert.InRange(Dot(a, b), 0.998f, 1.0001f);
        foreach ((float[] a, float[] b) in before.EmbedTokens(Ids(golden.Tensors["ids"])).Zip(after.EmbedTokens(Ids(golden.Tensors["ids"]))))
            Assert.InRange(Dot(a, b), 0.998f, 1.0001f);
    }

    [Fact]
    public void Activation_and_heads_are_those_of_the_configuration()
    {
        using Checkpoint golden = GoldenFiles.Read("clip/tiny"), inputs = GoldenFiles.Read("clip/inputs");
        string path = GoldenFiles.Require("clip/tiny/hf/model.safetensors");
        int[][] ids = Ids(golden.Tensors["ids"]);
        AssertModel(Model(path, ClipActivation.Gelu), golden, "gelu.", ids, inputs, checkStages: false);
        AssertModel(Model(path, visionHeads: 3, textHeads: 2), golden, "heads.", ids, inputs, checkStages: false);

        using var folder = new TemporaryFolder();
        string copy = folder["model.safetensors"], config = folder["config.json"];
        File.Copy(path, copy);
        Assert.Contains("open_clip_config.json", Assert.Throws<CheckpointFormatException>(
            () => Clip.Load(GoldenFiles.Require("clip/tiny/openai/f32.pt"))).Message, StringComparison.Ordinal);
        Assert.Contains("config.json", Assert.Throws<CheckpointFormatException>(() => Clip.Load(copy)).Message, StringComparison.Ordinal);
        Assert.Equal(ClipActivation.Gelu, Clip.Load(copy, ClipActivation.Gelu).Config.Activation);
        string json = File.ReadAllText(GoldenFiles.Require("clip/tiny/hf/config.json"));
        File.WriteAllText(config, json.Replace("quick_gelu", "gelu", StringComparison.Ordinal).Replace("\"num_attention_heads\": 1", "\"num_attention_heads\": 2", StringComparison.Ordinal));
        Clip clip = Clip.Load(copy);
        Assert.Equal((ClipActivation.Gelu, 2, 2), (clip.Config.Activation, clip.Config.Vision.Heads, clip.Config.Text.Heads));
        File.WriteAllText(config, json.Replace("quick_gelu", "swish", StringComparison.Ordinal));
        Assert.Contains("swish", Assert.Throws<CheckpointFormatException>(() => Clip.Load(copy)).Message, StringComparison.Ordinal);
        File.WriteAllText(config, "{}");
        Assert.Contains("vision_config", Assert.Throws<CheckpointFormatException>(() => Clip.Load(copy)).Message, StringComparison.Ordinal);
        File.WriteAllText(config, "[");
        Assert.Throws<CheckpointFormatException>(() => Clip.Load(copy));
    }

    [Fact]
    public void Positions_are_resized_for_larger_pictures()
    {
        using Checkpoint golden = GoldenFiles.Read("clip/tiny");
        ClipModel model = Model(GoldenFiles.Require("clip/tiny/hf/model.safetensors"));
        using Tape tape = Tape.Inference();
        Tensor pixels = Tensor.Zeros(1, 48, 40, 3);
        float[] planes = golden.Tensors["larger.pixels"].ToFloats();
        for (int i = 0; i < planes.Length; i++)
            pixels.Span[i % 1920 * 3 + i / 1920] = planes[i];
        AssertClose(model.ImageTokens(pixels).Span.ToArray(), golden.Tensors["larger.tokens"].ToFloats(), Tolerance);
        AssertClose(model.EmbedImages(pixels).Span.ToArray(), golden.Tensors["larger.image_embedding"].ToFloats(), Tolerance);
    }

    [Fact]
    public void Patches_are_embedded_in_one_pass_at_any_size()
    {
        Clip clip = Clip.Load(GoldenFiles.Require("clip/tiny/hf/model.safetensors"));
        ClipMap map = clip.EmbedPatches(new RgbImage(100, 50), 80);
        Assert.Equal((5, 10, 50), (map.Rows, map.Columns, map.Embeddings.Count));
        Assert.All(map.Embeddings, e => Assert.Equal(1f, Dot(e, e), 1e-5f));
        Assert.Throws<ArgumentOutOfRangeException>(() => clip.EmbedPatches(new RgbImage(100, 50), 4000));
    }

    [Fact]
    public void Texts_that_do_not_fit_are_refused()
    {
        Clip clip = Clip.Load(GoldenFiles.Require("clip/tiny/hf/model.safetensors"));
        Assert.Throws<ArgumentException>(() => clip.EmbedTokens([[]]));
        Assert.Throws<ArgumentException>(() => clip.EmbedTokens([new int[78]]));
        Assert.Contains("640", Assert.Throws<ArgumentException>(() => clip.EmbedTokens([[638, 640, 639]])).Message, StringComparison.Ordinal);
    }

    private static ClipModel Model(string path, ClipActivation activation = ClipActivation.QuickGelu, int? visionHeads = null, int? textHeads = null)
    {
        using Checkpoint file = CheckpointFile.Read(path);
        Checkpoint named = ClipCheckpoint.ByOwnNames(file);
        return ClipModel.FromCheckpoint(named, ClipCheckpoint.ConfigOf(named, activation, visionHeads, textHeads));
    }

    private static ClipConfig Config(string name, ClipActivation activation)
        => Model(GoldenFiles.Require($"clip/{name}/hf/model.safetensors"), activation).Config;

    private static int[][] Ids(StoredTensor stored)
    {
        float[] values = stored.ToFloats();
        return [.. Enumerable.Range(0, stored.Shape[0]).Select(i => Array.ConvertAll(values[(i * 77)..((i + 1) * 77)], v => (int)v))];
    }

    private static void AssertModel(
        ClipModel model, Checkpoint golden, string prefix, int[][] ids, Checkpoint inputs, bool checkStages)
    {
        int size = model.Config.ImageSize;
        RgbImage[] images = [.. Enumerable.Range(0, 3).Select(i => ClipPreparation.CropMiddle(GoldenFiles.Image(inputs.Tensors[$"image.{i}"]), size))];
        using Tape tape = Tape.Inference();
        float[] image = model.EmbedImages(ClipPreparation.Normalize(images, model.Config)).Span.ToArray();
        float[] text = model.EmbedTexts(ids).Span.ToArray();
        AssertClose(image, golden.Tensors[prefix + "image_embedding"].ToFloats(), Tolerance);
        AssertClose(text, golden.Tensors[prefix + "text_embedding"].ToFloats(), Tolerance);
        int dim = model.Config.EmbedDim;
        float[] logits =
        [
            .. Enumerable.Range(0, 3 * ids.Length).Select(i => model.LogitScale * Cosine(
                image.AsSpan(i / ids.Length * dim, dim), text.AsSpan(i % ids.Length * dim, dim))),
        ];
        AssertClose(logits, golden.Tensors[prefix + "logits"].ToFloats(), LogitTolerance);
        if (!checkStages)
            return;

        var stages = new Stages();
        using (Tape.Inference(stages))
        {
            Tensor tokens = model.ImageTokens(ClipPreparation.Normalize(images[..1], model.Config));
            int[] rows = JsonSerializer.Deserialize<int[]>(golden.Metadata["token_rows"])!;
            float[] actual = [.. rows.SelectMany(r => tokens.Span.Slice(r * tokens.Channels, tokens.Channels).ToArray())];
            float[] expected = golden.Tensors["tokens.0"].ToFloats();
            AssertClose(actual, expected, StageTolerance * expected.Max(MathF.Abs));
            model.ProjectImage(tokens.Slice(0, 1).Reshape(1, tokens.Channels));
            model.EmbedTexts(ids[..1]);
        }

        foreach ((string name, string layer) in Stages.Layers(model.Config))
            AssertClose(stages.Summary(layer), golden.Tensors["stage." + name].ToFloats(), StageTolerance * golden.Tensors["stage." + name].ToFloats()[2], name);
    }

    private static float Dot(float[] a, float[] b) => System.Numerics.Tensors.TensorPrimitives.Dot<float>(a, b);

    private static float Cosine(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
        => System.Numerics.Tensors.TensorPrimitives.CosineSimilarity(a, b);

    private static void AssertClose(float[] actual, float[] expected, float limit, string? what = null)
    {
        Assert.Equal(expected.Length, actual.Length);
        float worst = 0;
        for (int i = 0; i < expected.Length; i++)
            worst = MathF.Max(worst, MathF.Abs(actual[i] - expected[i]));
        Assert.True(worst <= limit, $"{what}: largest difference {worst}, allowed {limit}");
    }

    /// <summary>The last output of each layer.</summary>
    private sealed class Stages : TapeListener
    {
        private readonly Dictionary<string, float[]> _outputs = [];

        /// <summary>Modules of the reference and the layers whose output theirs is.</summary>
        public static IEnumerable<(string Name, string Layer)> Layers(ClipConfig config)
        {
            yield return ("vision_model.pre_layrnorm", "visual.ln_pre");
            yield return ("vision_model.post_layernorm", "visual.ln_post");
            yield return ("visual_projection", "visual");
            yield return ("text_projection", "");
            for (int i = 0; i < config.Vision.Layers; i++)
                yield return ($"vision_model.encoder.layers.{i}", $"visual.transformer.resblocks.{i}.mlp.c_proj");
            for (int i = 0; i < config.Text.Layers - 1; i++)
                yield return ($"text_model.encoder.layers.{i}", $"transformer.resblocks.{i}.mlp.c_proj");
        }

        public override void Finished(Op op, string layer, ReadOnlySpan<OpInput> inputs, Tensor output)
        {
            if (!_outputs.ContainsKey(layer) || op.Name == "Linear")
                _outputs[layer] = output.Span.ToArray();
        }

        /// <summary>Mean, standard deviation, largest magnitude, first 13 values.</summary>
        public float[] Summary(string layer)
        {
            float[] values = _outputs[layer];
            double mean = values.Average(v => (double)v), variance = values.Average(v => (v - mean) * (v - mean));
            return [(float)mean, (float)Math.Sqrt(variance), values.Max(MathF.Abs), .. values[..13]];
        }
    }
}
