using PocketSam.Cli.Quantizing;
using PocketSam.Training.Quantization;

namespace PocketSam.Cli.Tests;

public sealed class FloatLayersTests
{
    private static readonly LayerSensitivity[] Layers = [.. Enumerable.Range(0, 12).Select(i => new LayerSensitivity($"layer.{i}", i * 5 % 12))];

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(9)]
    [InlineData(12)]
    public void As_few_of_the_worst_as_will_do(int needed)
    {
        var asked = new List<int>();
        string[]? floats = FloatLayers.Fewest(Layers, [], some =>
        {
            asked.Add(some.Length);
            return some.Length >= needed;
        });
        Assert.Equal(Layers.OrderByDescending(layer => layer.Error).Take(needed).Select(layer => layer.Layer), floats);
        Assert.True(asked.Count <= 9);
    }

    [Fact]
    public void Those_that_are_named_are_floats_anyway()
    {
        string[] floats = FloatLayers.Fewest(Layers, ["layer.7"], some => some.Length >= 3)!;
        Assert.Equal(3, floats.Length);
        Assert.Equal("layer.7", floats[0]);
        Assert.Equal(floats.Length, floats.Distinct().Count());
    }

    [Fact]
    public void A_budget_that_nothing_holds_is_told() => Assert.Null(FloatLayers.Fewest(Layers, [], _ => false));
}
