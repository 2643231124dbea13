using System.Text.Json;
using PocketSam.Checkpoints;
using PocketSam.Models;

namespace PocketSam.Cli.Tests;

public sealed class InfoTests : IDisposable
{
    private readonly Workplace _place = new();

    public void Dispose() => _place.Dispose();

    [Fact]
    public void File_is_described()
    {
        JsonElement report = Json(_place.Model);

        Assert.Equal("nano", report.GetProperty("model").GetProperty("architecture").GetString());
        Assert.Equal(81218, report.GetProperty("model").GetProperty("parameters").GetInt32());
        Assert.Equal(128, report.GetProperty("config").GetProperty("image_size").GetInt32());
        Assert.Equal(
            Flops.Encoder(ModelZoo.Nano, 128) / 1e9, report.GetProperty("gmac").GetProperty("encoder").GetDouble());
        Assert.Equal("Float32", Assert.Single(report.GetProperty("types").EnumerateObject()).Name);
        foreach (string key in (string[])["missing", "unknown", "misshapen"])
            Assert.Equal(0, report.GetProperty(key).GetArrayLength());
    }

    [Fact]
    public void Keys_that_do_not_fit_are_named()
    {
        Checkpoint file = Safetensors.Read(_place.Model);
        var tensors = new Dictionary<string, StoredTensor>(file.Tensors)
        {
            ["surplus"] = StoredTensor.FromFloats([1], [1]),
            ["mask_decoder.iou_token.weight"] = StoredTensor.FromFloats([1], [1]),
        };
        tensors.Remove("mask_decoder.mask_tokens.weight");
        Safetensors.Write(_place["odd.safetensors"], tensors, file.Metadata);

        JsonElement report = Json(_place["odd.safetensors"]);

        Assert.Equal("[\"mask_decoder.mask_tokens.weight\"]", JsonSerializer.Serialize(report.GetProperty("missing")));
        Assert.Equal("[\"surplus\"]", JsonSerializer.Serialize(report.GetProperty("unknown")));
        Assert.Equal("[\"mask_decoder.iou_token.weight\"]", JsonSerializer.Serialize(report.GetProperty("misshapen")));
        string text = Shell.Run("info", _place["odd.safetensors"]).Succeeded().Output;
        Assert.Contains("  surplus" + Environment.NewLine, text);
    }

    [Fact]
    public void Architecture_is_described_by_its_name()
    {
        string text = Shell.Run("info", "vit_t").Succeeded().Output;

        Assert.Contains("input size    1024", text);
        Assert.Contains("GMAC          encoder 38.44, decoder 1.81 a prompt", text);
    }

    private static JsonElement Json(string model)
        => JsonDocument.Parse(Shell.Run("info", model, "--json", "-").Succeeded().Output).RootElement;
}
