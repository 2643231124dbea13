using PocketSam.Training.Data.Scenes.Materials;

namespace PocketSam.Training.Tests.Data.Scenes;

public sealed class TextureTests
{
    private const int Length = 400;

    private static readonly Color Low = new(10, 20, 30), High = new(210, 120, 90);

    public static TheoryData<int> Patterns => [.. Enum.GetValues<Texture.Pattern>().Select(pattern => (int)pattern)];

    [Theory]
    [MemberData(nameof(Patterns))]
    public void Colours_lie_between_the_two_and_reach_both(int pattern)
    {
        var texture = new Texture((Texture.Pattern)pattern, Low, High) { Scale = 12, Turns = 0.1f, Wildness = 0.7f, Seed = 3 };
        float[][] row = Row(texture with { Scale = texture.Kind == Texture.Pattern.Gradient ? 200 : 12 });

        Assert.All(row[0], red => Assert.InRange(red, Low.R, High.R));
        for (int i = 0; i < Length; i++)
            Assert.Equal((row[0][i] - Low.R) / 200, (row[1][i] - Low.G) / 100, 1e-3f);
        Assert.Equal(Low.R, row[0].Min(), 3f);
        if (texture.Kind != Texture.Pattern.Plain)
            Assert.Equal(High.R, row[0].Max(), 3f);
    }

    [Fact]
    public void Grain_lightens_and_darkens()
    {
        float[] red = Row(Texture.Plain(High) with { Grain = 0.2f, GrainScale = 3 })[0];

        Assert.All(red, value => Assert.InRange(value, 0.8f * High.R - 0.01f, 1.2f * High.R + 0.01f));
        Assert.True(red.Min() < 0.9f * High.R && red.Max() > 1.1f * High.R, $"{red.Min()} to {red.Max()}");
        Assert.Equal(High.R, red.Average(), 10f);
    }

    private static float[][] Row(Texture texture)
    {
        float[][] row = [new float[Length], new float[Length], new float[Length]];
        texture.Row(-Length / 2, 7, row[0], row[1], row[2]);
        return row;
    }
}
