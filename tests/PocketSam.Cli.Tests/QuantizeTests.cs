using System.Text.Json;
using PocketSam.Tests;

namespace PocketSam.Cli.Tests;

public sealed class QuantizeTests : IDisposable
{
    private readonly Workplace _place = new();

    public void Dispose() => _place.Dispose();

    [Fact]
    public void A_model_becomes_smaller_and_works_in_every_verb()
    {
        JsonElement report = JsonDocument.Parse(Shell.Run(
            "quantize", _place.Model, _place["q.safetensors"], "--data", _place.Data, "--json", "-").Succeeded().Output).RootElement;
        Assert.True(report.GetProperty("bytes_written").GetInt64() < 0.5 * report.GetProperty("bytes_read").GetInt64());
        Assert.Equal(new FileInfo(_place["q.safetensors"]).Length, report.GetProperty("bytes_written").GetInt64());
        Assert.Equal("dynamic", report.GetProperty("method").GetString());
        Assert.NotEqual(0, report.GetProperty("integer_layers").GetInt32());
        Assert.Equal(0, report.GetProperty("float_layers").GetArrayLength());
        JsonElement quality = report.GetProperty("quality");
        Assert.Equal(1, quality.GetProperty("masks").GetInt32());
        Assert.InRange(quality.GetProperty("box_agreement").GetDouble(), 0.5, 1);

        string q = _place["q.safetensors"];
        Assert.Contains("arithmetic    int8 in the encoder's products (", Shell.Run("info", q).Succeeded().Output);
        Shell.Run("segment", _place.Photo, "--model", q, "--point", "5,5", "--output", _place["m.png"]).Succeeded();
        Shell.Run("everything", _place.Photo, "--model", q, "--output", _place["all.json"], "--format", "coco").Succeeded();
        Shell.Run("embed", _place.Photo, "--model", q, "--output", _place["e.safetensors"]).Succeeded();
        Shell.Run("evaluate", "--data", _place.Data, "--model", q).Succeeded();
        Shell.Run("train", "--output", _place["run"], "--init", q, "--data", _place.Data, "--stages", "64x1x1", "--scenes", "0").Succeeded();
    }

    [Fact]
    public void A_quantised_model_goes_to_PyTorch_and_back_and_to_floats()
    {
        Shell.Run("quantize", _place.Model, _place["q.safetensors"]).Succeeded();
        Shell.Run("convert", _place["q.safetensors"], _place["q.pt"]).Succeeded();
        Shell.Run("convert", _place["q.pt"], _place["again.safetensors"]).Succeeded();
        Assert.Equal(File.ReadAllBytes(_place["q.safetensors"]), File.ReadAllBytes(_place["again.safetensors"]));

        Shell.Run("convert", _place["q.safetensors"], _place["f.safetensors"], "--dtype", "float32").Succeeded();
        using Checkpoint floats = CheckpointFile.Read(_place["f.safetensors"]), whole = CheckpointFile.Read(_place["q.safetensors"]);
        Assert.Null(QuantizationInfo.Of(floats));
        foreach ((string key, StoredTensor tensor) in floats.Tensors)
            Assert.Equal(whole.Tensors[key].ToFloats(), tensor.ToFloats());
    }

    [Fact]
    public void Weights_alone_are_converted()
    {
        string text = Shell.Run("convert", _place.Model, _place["w.safetensors"], "--dtype", "int8").Succeeded().Output;
        Assert.Contains(" tensors to Int8", text);
        using Checkpoint read = CheckpointFile.Read(_place["w.safetensors"]);
        Assert.Equal(QuantizedArithmetic.Float, QuantizationInfo.Of(read)!.Arithmetic);
        Shell.Run("convert", _place["w.safetensors"], _place["v.safetensors"], "--dtype", "int8")
            .Failed($"{_place["w.safetensors"]}: is quantised already; begin with the model that it was made from");
    }

    [Fact]
    public void Layers_may_stay_floats()
    {
        JsonElement report = JsonDocument.Parse(Shell.Run(
            "quantize", _place.Model, _place["q.safetensors"], "--float", "image_encoder.neck.*", "--json", "-").Succeeded().Output).RootElement;
        Assert.Equal(
            ["image_encoder.neck.0", "image_encoder.neck.2"],
            report.GetProperty("float_layers").EnumerateArray().Select(key => key.GetString()));
        Assert.Equal(JsonValueKind.Null, report.GetProperty("quality").ValueKind);
    }

    [Fact]
    public void The_most_sensitive_layers_stay_floats_until_the_budget_holds()
    {
        JsonElement report = JsonDocument.Parse(Shell.Run(
            "quantize", _place.Model, _place["q.safetensors"], "--calibrate", _place.Data, "--photos", "1", "--sensitivity", _place["layers.svg"],
            "--data", _place.Data, "--budget", "0.5", "--json", "-").Succeeded().Output).RootElement;
        int layers = report.GetProperty("integer_layers").GetInt32() + report.GetProperty("float_layers").GetArrayLength();
        Assert.Equal(layers, report.GetProperty("sensitivity").GetArrayLength());
        Assert.True(report.GetProperty("quality").GetProperty("box_agreement").GetDouble() >= 0.5);
        Assert.StartsWith("<svg", File.ReadAllText(_place["layers.svg"])[File.ReadAllText(_place["layers.svg"]).IndexOf("<svg", StringComparison.Ordinal)..]);
    }

    [Theory]
    [InlineData("hessian", "6")]
    [InlineData("mse", "8")]
    [InlineData("min-max", "8")]
    public void Ranges_found_on_photos_are_simulated(string method, string bits)
    {
        string output = Shell.Run(
            "quantize", _place.Model, _place["s.safetensors"], "--method", method, "--bits", bits, "--calibrate", _place.Data, "--photos", "1",
            "--data", _place.Data).Succeeded().Output;
        Assert.Contains($"layers have {bits} bits, with two ranges after softmax and GELU: simulated", output);
        Assert.Contains("masks of the two agree to", output);
        Shell.Run("evaluate", "--data", _place.Data, "--model", _place["s.safetensors"]).Succeeded();
        using Checkpoint read = CheckpointFile.Read(_place["s.safetensors"]);
        Assert.Equal(method, QuantizationInfo.Of(read)!.Method);
    }

    [Fact]
    public void Options_of_other_methods_are_refused()
    {
        Refused("--bits is for ranges found on photos: add --method hessian", "--bits", "6");
        Refused("--single-range is for ranges found on photos: add --method hessian", "--single-range");
        Refused("photos are needed: add --calibrate with a COCO instance file", "--method", "mse");
        Refused("photos are needed: add --calibrate with a COCO instance file", "--sensitivity", _place["l.svg"]);
        Refused("--budget is measured: add --data with a COCO instance file", "--budget", "0.9", "--calibrate", _place.Data);
        Refused(
            "--float is for whole numbers, --method dynamic; mse is simulated in all layers", "--method", "mse", "--float", "image_encoder.neck.*",
            "--calibrate", _place.Data);
        Shell.Run("quantize", _place.Model, _place["q.safetensors"], "--calibrate", _place.Data, "--method", "mse").Failed(
            $"{_place.Data}: 1 photos with objects of at least 256 pixels, where 8 are wanted to calibrate on");

        void Refused(string message, params string[] options)
            => Assert.Contains(message, Shell.Run(["quantize", _place.Model, _place["q.safetensors"], .. options]).Error);
    }

    [Fact]
    public void A_CLIP_is_quantised_and_compared_on_pictures()
    {
        string clip = GoldenFiles.Require("clip/tiny/hf/model.safetensors"), output = _place["clip.safetensors"];
        string text = Shell.Run("quantize", clip, output).Succeeded().Output;
        Assert.Contains("8 layers compute with whole numbers", text);
        Assert.Contains("embeddings of 16 made-up pictures: cosine 0.99", text);
        Assert.Equal(32, Clip.Load(output).Config.ImageSize);
        Shell.Run("quantize", output, _place["again.safetensors"]).Failed($"{output}: is quantised already; begin with the model that it was made from");
        Assert.Contains("--bits is not for a CLIP", Shell.Run("quantize", clip, _place["x.safetensors"], "--bits", "6").Error);
    }

    [Fact]
    public void What_cannot_be_is_refused_in_one_line()
    {
        Shell.Run("quantize", _place.Model, _place.Model).Failed($"{_place.Model}: cannot be written (it is the input)");
        Shell.Run("quantize", _place.Model, _place["q.bin"]).Failed($"{_place["q.bin"]}: cannot be written (name it .safetensors or .pt or .pth)");
        Assert.Contains(
            "--float no.*: no layer that could compute with whole numbers has such a key",
            Shell.Run("quantize", _place.Model, _place["q.safetensors"], "--float", "no.*").Error);
        Shell.Run("quantize", _place.Model, _place["q.safetensors"]).Succeeded();
        Shell.Run("quantize", _place["q.safetensors"], _place["r.safetensors"])
            .Failed($"{_place["q.safetensors"]}: is quantised already; begin with the model that it was made from");
        Assert.False(File.Exists(_place["r.safetensors"]));
    }
}
