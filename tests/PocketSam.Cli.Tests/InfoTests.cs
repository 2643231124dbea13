using System.Text.Json;
using PocketSam.Models;
using PocketSam.Tests.Checkpoints;

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
        Assert.Equal(VectorWidth.Used, report.GetProperty("vectors").GetProperty("bits").GetInt32());
        Assert.Contains("computes with", Shell.Run("info", _place.Model).Succeeded().Output);
    }

    [Fact]
    public void The_state_of_an_optimizer_is_a_line()
    {
        using Checkpoint file = Safetensors.Read(_place.Model);
        var tensors = new Dictionary<string, StoredTensor>(file.Tensors)
        {
            ["optimizer.steps"] = StoredTensor.FromFloats([1], [1]), ["surplus"] = StoredTensor.FromFloats([1], [1]),
        };
        Safetensors.Write(_place["checkpoint.safetensors"], [.. tensors], file.Metadata);
        string text = Shell.Run("info", _place["checkpoint.safetensors"]).Succeeded().Output;
        Assert.Contains("training      1 tensors of the optimizer: --resume goes on from this file", text, StringComparison.Ordinal);
        Assert.Contains("unknown       1 tensors:", text, StringComparison.Ordinal);
        Assert.DoesNotContain("optimizer.steps", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Keys_that_do_not_fit_are_named()
    {
        using Checkpoint file = Safetensors.Read(_place.Model);
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
    public void Simulated_quantisation_is_told_as_what_it_is()
    {
        SamModel described = SamModel.Describe(ModelZoo.VitT);
        File.WriteAllBytes(
            _place["w8a8.pth"], ModulePickle.SimulatedTinySam(described.State.Entries.ToDictionary(e => e.Key, e => e.StoredShape)));

        JsonElement simulated = Json(_place["w8a8.pth"]).GetProperty("simulated");
        Assert.Equal(8, simulated.GetProperty("weight_bits").GetInt32());
        Assert.Equal(2 * simulated.GetProperty("layers").GetInt32(), simulated.GetProperty("intervals").GetInt32());
        string text = Shell.Run("info", _place["w8a8.pth"]).Succeeded().Output;
        Assert.Contains("architecture  vit_t", text);
        Assert.Contains("simulates     8 bits of weights and 8 bits of activations in float32: ", text);
        Assert.DoesNotContain("arithmetic", text);
    }

    [Fact]
    public void Architecture_is_described_by_its_name()
    {
        string text = Shell.Run("info", "vit_t").Succeeded().Output;

        Assert.Contains("input size    1024", text);
        Assert.Contains("GMAC          encoder 38.44, decoder 1.81 a prompt", text);
    }

    [Fact]
    public void File_of_no_known_architecture_is_listed()
    {
        KeyValuePair<string, StoredTensor>[] tensors =
        [
            new("module.head.weight", StoredTensor.FromFloats(new float[6], [2, 3], DataType.Float16)),
            new("module.steps", new StoredTensor(DataType.Int64, [], new byte[8])),
        ];
        CheckpointFile.Write(_place["other.pt"], tensors);

        string text = Shell.Run("info", _place["other.pt"]).Succeeded().Output.ReplaceLineEndings("\n");
        Assert.Contains("file          torch zip, 0.0 MB\n", text);
        Assert.Contains("prefix        module. taken off all keys\n", text);
        Assert.Contains("architecture  not recognised: ", text);
        Assert.Contains("tensors       1 Float16, 1 Int64; 0.0 MB\n  head.weight Float16 [2, 3]\n  steps Int64 []\n", text);

        JsonElement report = Json(_place["other.pt"]);
        Assert.False(report.TryGetProperty("model", out _));
        Assert.Equal(7, report.GetProperty("values").GetInt32());
        Assert.Equal(20, report.GetProperty("bytes").GetInt32());
        Assert.Equal("torch zip", report.GetProperty("file").GetProperty("format").GetString());
        Assert.Equal("module.", report.GetProperty("file").GetProperty("prefix").GetString());
        Assert.Equal("head.weight", report.GetProperty("contents")[0].GetProperty("key").GetString());
        Assert.Empty(report.GetProperty("unknown").EnumerateArray());
    }

    [Fact]
    public void Model_in_a_file_of_PyTorch_is_described_as_any_other()
    {
        Shell.Run("convert", _place.Model, _place["nano.pt"]).Succeeded();
        JsonElement before = Json(_place.Model), after = Json(_place["nano.pt"]);
        Assert.Equal("torch zip", after.GetProperty("file").GetProperty("format").GetString());
        foreach (string name in (string[])["config", "gmac", "types", "bytes", "missing", "unknown", "misshapen"])
            Assert.Equal(before.GetProperty(name).GetRawText(), after.GetProperty(name).GetRawText());
    }

    private static JsonElement Json(string model)
        => JsonDocument.Parse(Shell.Run("info", model, "--json", "-").Succeeded().Output).RootElement;

    [Fact]
    public void Control_characters_of_names_do_not_reach_the_terminal()
    {
        Safetensors.Write(
            _place["in.safetensors"], [new("a\u001b[31mred\u0007\u009b\nfake", StoredTensor.FromFloats([1f], [1]))]);

        Shell.Outcome outcome = Shell.Run("info", _place["in.safetensors"]).Succeeded();

        Assert.Contains("a\\u001B[31mred\\u0007\\u009B\\u000Afake", outcome.Output);
        Assert.DoesNotContain(outcome.Output, c => char.IsControl(c) && c is not ('\r' or '\n'));
        Shell.Outcome failed = Shell.Run("info", _place["no\u001b[2Jne"]);
        Assert.DoesNotContain(failed.Error, c => char.IsControl(c) && c is not ('\r' or '\n'));
    }

    [Fact]
    public void A_key_of_many_prefixes_is_read_in_no_time()
    {
        string key = string.Concat(Enumerable.Repeat("sam.", 100_000)) + "x";
        Safetensors.Write(_place["in.safetensors"], [new(key, StoredTensor.FromFloats([1f], [1]))]);

        var clock = System.Diagnostics.Stopwatch.StartNew();
        Assert.Contains("prefix        sam.sam.", Shell.Run("info", _place["in.safetensors"]).Succeeded().Output);

        // Linear it takes milliseconds, quadratic most of a minute.
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(10));
    }
}
