using System.Text.Json;

namespace PocketSam.Cli.Tests;

public sealed class AverageTests : IDisposable
{
    private readonly Workplace _place = new();

    public void Dispose() => _place.Dispose();

    [Fact]
    public void Weights_are_the_mean_by_shares()
    {
        Shell.Run("train", "--output", _place["run"], "--init", _place.Model, "--data", _place.Data, "--stages", "64x2x3", "--scenes", "0", "--learning-rate", "0.01").Succeeded();
        string other = _place["run/model.safetensors"], output = _place["mean.safetensors"];
        JsonElement report = JsonDocument.Parse(
            Shell.Run("average", _place.Model + "=3", other, "--output", output, "--json", "-").Succeeded().Output).RootElement;
        Assert.Equal([0.75, 0.25], report.GetProperty("parts").EnumerateArray().Select(part => part.GetProperty("share").GetDouble()));

        using Checkpoint a = CheckpointFile.Read(_place.Model), b = CheckpointFile.Read(other), mean = CheckpointFile.Read(output);
        Assert.Equal(a.Metadata, mean.Metadata);
        foreach ((string key, StoredTensor tensor) in mean.Tensors)
        {
            float[] expected = [.. a.Tensors[key].ToFloats().Zip(b.Tensors[key].ToFloats(), (x, y) => 0.75f * x + 0.25f * y)];
            Assert.Equal(expected, tensor.ToFloats(), (x, y) => MathF.Abs(x - y) <= 1e-6f * Math.Max(1, MathF.Abs(x)));
        }

        Shell.Run("segment", _place.Photo, "--model", output, "--point", "5,5", "--output", _place["m.png"]).Succeeded();
    }

    [Fact]
    public void What_cannot_be_averaged_is_refused_in_one_line()
    {
        Shell.Run("quantize", _place.Model, _place["q.safetensors"]).Succeeded();
        Shell.Run("average", _place.Model, _place["q.safetensors"], "--output", _place["x.safetensors"])
            .Failed($"{_place["q.safetensors"]}: is quantised already; begin with the model that it was made from");
        using (Checkpoint model = CheckpointFile.Read(_place.Model))
            Safetensors.Write(_place["less.safetensors"], model.Tensors.Skip(1).ToList(), model.Metadata);
        Assert.Contains("is missing, which", Shell.Run("average", _place.Model, _place["less.safetensors"], "--output", _place["x.safetensors"]).Error);
        Assert.Contains("has none", Shell.Run("average", _place["less.safetensors"], _place.Model, "--output", _place["x.safetensors"]).Error);
        Assert.Contains("expected a share above 0", Shell.Run("average", _place.Model, _place.Model + "=0", "--output", _place["x.safetensors"]).Error);
        Assert.Equal(2, Shell.Run("average", _place.Model, "--output", _place["x.safetensors"]).ExitCode);
        Assert.False(File.Exists(_place["x.safetensors"]));
    }
}
