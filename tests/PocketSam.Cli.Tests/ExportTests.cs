using System.Text.Json;

namespace PocketSam.Cli.Tests;

/// <summary>Models as ONNX by the command line.</summary>
public sealed class ExportTests : IDisposable
{
    private readonly Workplace _place = new();

    public void Dispose() => _place.Dispose();

    [Theory]
    [InlineData("sam", "float32")]
    [InlineData("sam", "float16")]
    [InlineData("samexporter", "float32")]
    [InlineData("transformers", "float32")]
    public void A_model_is_written_and_verified(string layout, string type)
    {
        JsonElement report = JsonDocument.Parse(Shell.Run(
            "export", "--model", _place.Model, "--output", _place["out"], "--layout", layout, "--dtype", type, "--image-size", "128", "--json", "-")
            .Succeeded().Output).RootElement;
        Assert.Equal((layout, type, 128), (report.GetProperty("layout").GetString(), report.GetProperty("dtype").GetString(), report.GetProperty("image_size").GetInt32()));
        Assert.All(report.GetProperty("files").EnumerateArray(), file => Assert.Equal(
            new FileInfo(file.GetProperty("path").GetString()!).Length, file.GetProperty("bytes").GetInt64()));
        JsonElement verification = report.GetProperty("verification");
        Assert.True(verification.GetProperty("passes").GetBoolean());
        Assert.Equal(2, verification.GetProperty("pictures").GetInt32());
    }

    [Fact]
    public void A_pair_is_compared_with_a_model_and_pictures_of_users()
    {
        Shell.Run("export", "--model", _place.Model, "--output", _place["out"], "--no-verify").Succeeded();
        string encoder = _place["out/encoder.onnx"], decoder = _place["out/decoder.onnx"];
        string text = Shell.Run("verify", encoder, decoder, "--model", _place.Model, "--image", _place.Photo).Succeeded().Output;
        Assert.Contains("of 1 pictures in ONNX Runtime: the same", text);

        // Another model of the same shapes is another model.
        Shell.Run("train", "--output", _place["run"], "--init", _place.Model, "--data", _place.Data, "--stages", "64x1x3", "--scenes", "0").Succeeded();
        Assert.Equal(
            $"pocketsam: {encoder}: does not compute what {_place["run/model.safetensors"]} does{Environment.NewLine}",
            Shell.Run("verify", encoder, decoder, "--model", _place["run/model.safetensors"], "--image", _place.Photo).Error);
    }

    [Fact]
    public void Weights_come_back_out_of_a_pair()
    {
        Shell.Run("export", "--model", _place.Model, "--output", _place["out"], "--no-verify").Succeeded();
        string encoder = _place["out/encoder.onnx"], decoder = _place["out/decoder.onnx"];
        Shell.Run("convert", encoder, _place["again.safetensors"], "--decoder", decoder).Succeeded();
        Shell.Run("verify", encoder, decoder, "--model", _place["again.safetensors"], "--image", _place.Photo).Succeeded();
        Assert.Contains("missing       ", Shell.Run("convert", encoder, _place["half.safetensors"]).Succeeded().Output);
        Assert.Contains("--decoder is for files of ONNX", Shell.Run("convert", _place.Model, _place["x.pt"], "--decoder", decoder).Error);
    }

    [Fact]
    public void The_encoder_may_be_computed_by_ONNX_Runtime()
    {
        Shell.Run("embed", _place.Photo, "--model", _place.Model, "--output", _place["here.safetensors"]).Succeeded();
        Shell.Run("embed", _place.Photo, "--model", _place.Model, "--output", _place["there.safetensors"], "--device", "cpu").Succeeded();
        using ImageEmbedding here = ImageEmbedding.Load(_place["here.safetensors"]), there = ImageEmbedding.Load(_place["there.safetensors"]);
        Assert.Equal(here.ModelFingerprint, there.ModelFingerprint);
        Assert.Equal(here.ToArray(), there.ToArray(), (a, b) => MathF.Abs(a - b) < 1e-3f);
        Shell.Run("segment", _place.Photo, "--model", _place.Model, "--point", "5,5", "--output", _place["m.png"], "--device", "cpu").Succeeded();
        Shell.Run("everything", _place.Photo, "--model", _place.Model, "--output", _place["all.json"], "--format", "coco", "--device", "cpu").Succeeded();
        string error = Shell.Run("embed", _place.Photo, "--model", _place.Model, "--output", _place["x.safetensors"], "--device", "dml").Error;
        Assert.StartsWith("pocketsam: device dml: the ONNX Runtime that is here has no DmlExecutionProvider, only ", error);
    }

    [Theory]
    [InlineData("sam", "encoder.onnx", "image encoder, of normalised planes", "mask decoder, with segment-anything's inputs")]
    [InlineData("samexporter", "encoder.onnx", "image encoder, of RGB from 0 to 255", "mask decoder, with segment-anything's inputs")]
    [InlineData("transformers", "onnx/vision_encoder.onnx", "image encoder, of normalised planes", "mask decoder, with transformers' inputs")]
    public void A_file_is_described_without_a_runtime(string layout, string encoder, string ofEncoder, string ofDecoder)
    {
        Shell.Run("export", "--model", _place.Model, "--output", _place["out"], "--layout", layout, "--image-size", "128", "--no-verify").Succeeded();
        string decoder = layout == "transformers" ? "onnx/prompt_encoder_mask_decoder.onnx" : "decoder.onnx";
        JsonElement report = JsonDocument.Parse(Shell.Run("info", _place["out/" + encoder], "--json", "-").Succeeded().Output).RootElement;
        Assert.Equal(ofEncoder, report.GetProperty("part").GetString());
        Assert.Equal((17, 8), (report.GetProperty("operator_set").GetInt32(), report.GetProperty("format_version").GetInt32()));
        Assert.Equal(layout == "samexporter" ? "[null,null,3]" : "[1,3,128,128]", JsonSerializer.Serialize(report.GetProperty("inputs")[0].GetProperty("sizes")));
        Assert.Equal("128", report.GetProperty("metadata").GetProperty("pocketsam.input_size").GetString());
        Assert.True(report.GetProperty("operations").GetProperty("MatMul").GetInt32() > 0);
        Assert.Contains("what          " + ofDecoder, Shell.Run("info", _place["out/" + decoder]).Succeeded().Output);
    }

    [Fact]
    public void A_model_is_measured_with_the_encoder_in_ONNX_Runtime()
    {
        string here = Shell.Run("evaluate", "--data", _place.Data, "--model", _place.Model, "--min-area", "1").Succeeded().Output;
        string there = Shell.Run("evaluate", "--data", _place.Data, "--model", _place.Model, "--min-area", "1", "--device", "cpu").Succeeded().Output;
        Assert.Equal(here.Split(Environment.NewLine).Length, there.Split(Environment.NewLine).Length);
        Assert.Contains(
            "--device is not for results of a file", Shell.Run("evaluate", "--data", _place.Data, "--results", _place.Data, "--device", "cpu").Error);
    }

    [Fact]
    public void What_cannot_be_is_refused_in_one_line()
    {
        Shell.Run("export", "--model", _place.Model, "--output", _place["out"], "--dtype", "int8")
            .Failed($"{_place.Model} has no weights of whole numbers: quantize it first ('pocketsam quantize')");
        Shell.Run("export", "--model", _place.Model, "--output", _place["out"], "--layout", "transformers", "--low-res")
            .Failed("layout transformers ends at low-resolution logits as it is");
        Shell.Run("export", "--model", _place.Model, "--output", _place.Photo)
            .Failed($"{_place.Photo}: cannot be written (a file, where a folder is needed)");
        Shell.Run("verify", _place["no.onnx"], _place["no.onnx"], "--model", _place.Model).Failed($"{_place["no.onnx"]}: no such file");
        string broken = _place.Write("broken.onnx", "not a model"u8);
        Assert.StartsWith($"pocketsam: {broken}: ", Shell.Run("convert", broken, _place["x.safetensors"]).Error);
        Assert.StartsWith($"pocketsam: {broken}: ", Shell.Run("info", broken).Error);
    }
}
