using System.Text.Json;

namespace PocketSam.Cli.Tests;

public sealed class BenchTests : IDisposable
{
    private readonly Workplace _place = new();

    public void Dispose() => _place.Dispose();

    [Fact]
    public void Json_has_machine_peak_and_what_was_asked_for()
    {
        using JsonDocument json = JsonDocument.Parse(
            Shell.Run("bench", "--only", "decoder,inference", "--runs", "1", "--model", _place.Model, "--json", "-").Succeeded().Output);

        JsonElement report = json.RootElement;
        Assert.NotEqual("", report.GetProperty("machine").GetString());
        Assert.Contains(report.GetProperty("simd_bits").GetInt32(), new[] { 32, 128, 256, 512 });
        Assert.InRange(report.GetProperty("threads").GetInt32(), 1, Environment.ProcessorCount);
        Assert.True(report.GetProperty("fma_peak_gflops").GetDouble() > 0);
        JsonElement[] results = [.. report.GetProperty("results").EnumerateArray()];

        // In the order of the table, whatever the order on the command line.
        Assert.Equal(
            ["encode", "decode one click", "decode 1 prompt", "decode 64 prompts", "decode 64 prompts"],
            results.Select(result => result.GetProperty("name").GetString()!.Split(',')[0]));
        Assert.All(results, result =>
        {
            Assert.True(result.GetProperty("median_ms").GetDouble() > 0);
            Assert.True(result.GetProperty("gflop").GetDouble() > 0);
            Assert.InRange(result.GetProperty("fraction_of_peak").GetDouble(), 1e-6, 1.5);
        });
    }

    [Fact]
    public void What_it_cannot_measure_is_named()
        => Shell.Run("bench", "--only", "inference,gem").Failed(
            "--only gem: not one of inference, decoder, everything, int8, fastsam, text, training, profile; see 'pocketsam bench --help'", exitCode: 2);
}
