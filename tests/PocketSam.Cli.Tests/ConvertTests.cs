using System.Text.Json;
using PocketSam.Models;

namespace PocketSam.Cli.Tests;

public sealed class ConvertTests : IDisposable
{
    private readonly Workplace _place = new();

    public void Dispose() => _place.Dispose();

    [Fact]
    public void Model_goes_to_PyTorch_and_back()
    {
        string text = Shell.Run("convert", _place.Model, _place["a.pt"]).Succeeded().Output.ReplaceLineEndings("\n");
        Assert.Contains("architecture  nano\n", text);
        Assert.Contains($"wrote         {_place["a.pt"]}: ", text);
        Shell.Run("convert", _place["a.pt"], _place["b.safetensors"]).Succeeded();

        Assert.Equal(File.ReadAllBytes(_place.Model), File.ReadAllBytes(_place["b.safetensors"]));
        Shell.Run("segment", _place.Photo, "--model", _place["a.pt"], "--point", "5,5", "--output", _place["m.png"]).Succeeded();
    }

    [Fact]
    public void Halves_are_those_of_the_floats_and_statistics_stay()
    {
        JsonElement report = JsonDocument.Parse(Shell.Run(
            "convert", _place.Model, _place["half.safetensors"], "--dtype", "float16", "--json", "-").Succeeded().Output).RootElement;
        Assert.Equal("nano", report.GetProperty("architecture").GetString());
        Assert.Equal("safetensors", report.GetProperty("output_format").GetString());
        Assert.True(report.GetProperty("bytes_written").GetInt64() < 0.6 * report.GetProperty("bytes_read").GetInt64());

        using Checkpoint before = CheckpointFile.Read(_place.Model), after = CheckpointFile.Read(_place["half.safetensors"]);
        Assert.Equal(before.Metadata, after.Metadata);
        Assert.Equal(before.Tensors.Keys, after.Tensors.Keys);
        int converted = 0;
        foreach ((string key, StoredTensor tensor) in after.Tensors)
        {
            float[] values = before.Tensors[key].ToFloats();
            bool statistic = key.Contains(".running_", StringComparison.Ordinal);
            Assert.Equal(statistic ? DataType.Float32 : DataType.Float16, tensor.Type);
            Assert.Equal(statistic ? values : [.. values.Select(v => (float)(Half)v)], tensor.ToFloats());
            converted += statistic ? 0 : 1;
        }

        Assert.Equal(converted, report.GetProperty("converted").GetInt32());
        SamModel.FromCheckpoint(after);
    }

    [Fact]
    public void Small_types_go_to_PyTorch_and_back()
    {
        DataType[] types = [DataType.UInt16, DataType.UInt32, DataType.UInt64, DataType.Float8E4M3, DataType.Float8E5M2];
        Safetensors.Write(_place["in.safetensors"], types.Select(type => KeyValuePair.Create(
            $"x{type}", new StoredTensor(type, [3], Enumerable.Range(1, 3 * StoredTensor.SizeOf(type)).Select(i => (byte)i).ToArray()))));

        Shell.Run("convert", _place["in.safetensors"], _place["a.pt"]).Succeeded();
        Shell.Run("convert", _place["a.pt"], _place["b.safetensors"]).Succeeded();

        Assert.Equal(File.ReadAllBytes(_place["in.safetensors"]), File.ReadAllBytes(_place["b.safetensors"]));
        Assert.Contains("xFloat8E4M3 Float8E4M3 [3]", Shell.Run("info", _place["in.safetensors"]).Succeeded().Output);
    }

    [Fact]
    public void Thresholds_of_everything_are_written_down()
    {
        MaskThresholds before = ConfigOf(_place.Model).MaskThresholds ?? new MaskThresholds();
        Shell.Run("convert", _place.Model, _place["a.safetensors"], "--pred-iou-thresh", "0.25").Succeeded();
        Shell.Run("convert", _place["a.safetensors"], _place["b.safetensors"], "--stability-score-thresh", "0.5").Succeeded();

        Assert.Equal(before with { PredIou = 0.25f }, ConfigOf(_place["a.safetensors"]).MaskThresholds);
        Assert.Equal(before with { PredIou = 0.25f, StabilityScore = 0.5f }, ConfigOf(_place["b.safetensors"]).MaskThresholds);

        Safetensors.Write(_place["other.safetensors"], [new("w", StoredTensor.FromFloats([1f], [1]))]);
        Shell.Outcome other = Shell.Run("convert", _place["other.safetensors"], _place["c.safetensors"], "--pred-iou-thresh", "0.25");
        Assert.Equal(2, other.ExitCode);
        Assert.StartsWith($"pocketsam: --pred-iou-thresh: {_place["other.safetensors"]} holds no model of SAM's kind", other.Error);
        Assert.False(File.Exists(_place["c.safetensors"]));

        static SamConfig ConfigOf(string path)
        {
            using Checkpoint checkpoint = CheckpointFile.Read(path);
            return SamModel.FromCheckpoint(checkpoint).Config;
        }
    }

    [Fact]
    public void What_could_not_be_read_again_is_not_written()
    {
        Safetensors.Write(
            _place["in.safetensors"], [new("w", StoredTensor.FromFloats([1f], [1]))],
            new Dictionary<string, string> { ["note"] = new('a', 2_000_000) });

        Shell.Outcome outcome = Shell.Run("convert", _place["in.safetensors"], _place["out.pt"]);

        Assert.Equal(1, outcome.ExitCode);
        Assert.StartsWith($"pocketsam: {_place["out.pt"]}: cannot be written (what is to be written could not be read again: ", outcome.Error);
        Assert.Equal([.. _place.Start.Append("in.safetensors").Order()], _place.Files);
    }

    [Fact]
    public void Architecture_of_a_small_model_that_PyTorch_saved_can_be_said()
    {
        using (Checkpoint model = CheckpointFile.Read(_place.Model))
            CheckpointFile.Write(_place["plain.pt"], model.Tensors);
        Assert.Equal(1, Shell.Run("segment", _place.Photo, "--model", _place["plain.pt"], "--point", "1,1", "--json", "-").ExitCode);

        Shell.Run("convert", _place["plain.pt"], _place["said.safetensors"], "--architecture", "nano").Succeeded();

        Assert.Equal(File.ReadAllBytes(_place.Model), File.ReadAllBytes(_place["said.safetensors"]));
        Shell.Outcome other = Shell.Run("convert", _place["plain.pt"], _place["x.safetensors"], "--architecture", "pocket");
        Assert.StartsWith($"pocketsam: {_place["plain.pt"]}: is no pocket: has ", other.Error);
        Assert.Equal(2, Shell.Run("convert", _place.Model, _place["x.safetensors"], "--architecture", "nano").ExitCode);
        Assert.Equal(2, Shell.Run("convert", _place["plain.pt"], _place["x.safetensors"], "--architecture", "huge").ExitCode);
        Assert.DoesNotContain("x.safetensors", _place.Files);
    }

    [Fact]
    public void Whatever_is_no_float_stays_and_no_architecture_is_needed()
    {
        byte[] numbers = [.. Enumerable.Range(0, 16).Select(i => (byte)i)];
        CheckpointFile.Write(
            _place["in.pth"],
            [
                new("model.w", StoredTensor.FromFloats([1f, 1 / 3f], [2], DataType.Float16)),
                new("model.index", new StoredTensor(DataType.Int64, [2], numbers)),
            ]);
        string text = Shell.Run("convert", _place["in.pth"], _place["out.safetensors"], "--dtype", "float32").Succeeded().Output;
        Assert.Contains("architecture  not recognised", text);
        Assert.Contains("converted     1 tensors to Float32", text);

        using Checkpoint read = CheckpointFile.Read(_place["out.safetensors"]);
        Assert.Empty(read.Metadata);
        Assert.Equal(["w", "index"], read.Tensors.Keys);
        Assert.Equal((DataType.Float32, DataType.Int64), (read.Tensors["w"].Type, read.Tensors["index"].Type));
        Assert.Equal([1f, (float)(Half)(1 / 3f)], read.Tensors["w"].ToFloats());
        Assert.Equal(numbers, read.Tensors["index"].ToBytes());
    }

    [Fact]
    public void Value_that_does_not_fit_is_named_and_nothing_is_written()
    {
        Safetensors.Write(
            _place["in.safetensors"],
            [new("fits", StoredTensor.FromFloats([65504f], [1])), new("large", StoredTensor.FromFloats([0f, 65520f], [2]))]);
        string[] before = _place.Files;
        Shell.Run("convert", _place["in.safetensors"], _place["out.pt"], "--dtype", "float16")
            .Failed($"{_place["in.safetensors"]}: tensor large: holds a value too large for Float16");
        Assert.Equal(before, _place.Files);
    }

    [Fact]
    public void Input_is_not_overwritten()
    {
        byte[] before = File.ReadAllBytes(_place.Model);
        Shell.Run("convert", _place.Model, _place.Model).Failed($"{_place.Model}: cannot be written (it is the input)");
        string roundabout = Path.Combine(_place.Folder, ".", "nano.safetensors");
        Shell.Run("convert", _place.Model, roundabout).Failed($"{roundabout}: cannot be written (it is the input {_place.Model})");
        if (!OperatingSystem.IsWindows())
        {
            File.CreateSymbolicLink(_place["link.safetensors"], _place.Model);
            Shell.Run("convert", _place["link.safetensors"], _place.Model)
                .Failed($"{_place.Model}: cannot be written (it is the input {_place["link.safetensors"]})");
        }

        Assert.Equal(before, File.ReadAllBytes(_place.Model));
    }

    [Fact]
    public void Paths_that_cannot_be_are_told_in_one_line()
    {
        Shell.Run("convert", _place.Model, _place["a.onnx"])
            .Failed($"{_place["a.onnx"]}: cannot be written (name it .safetensors or .pt or .pth)");
        Shell.Run("convert", _place["none.pt"], _place["a.pt"]).Failed($"{_place["none.pt"]}: no such file");
        Shell.Run("convert", _place.Folder, _place["a.pt"]).Failed($"{_place.Folder}: a folder, not a checkpoint");
        string page = _place.Write("page.pth", "<!DOCTYPE html>"u8);
        Shell.Run("convert", page, _place["a.pt"])
            .Failed($"{page}: a web page, not a checkpoint; the download went wrong");
        Assert.Equal(2, Shell.Run("convert", _place.Model, _place["a.pt"], "--dtype", "int4").ExitCode);
        Assert.Equal(2, Shell.Run("convert", _place.Model).ExitCode);
    }
}
