using PocketSam.Training.Data.Effects;

namespace PocketSam.Training.Tests.Data.Effects;

public class RandomStreamTests
{
    [Fact]
    public void Draws_have_the_moments_they_promise()
    {
        RandomStream random = new(11);
        double sum = 0, squares = 0, uniform = 0;
        const int Count = 20000;
        for (int i = 0; i < Count; i++)
        {
            double normal = random.Normal();
            sum += normal;
            squares += normal * normal;
            uniform += random.Uniform(2, 4);
        }

        Assert.Equal(0, sum / Count, 0.05);
        Assert.Equal(1, squares / Count, 0.05);
        Assert.Equal(3, uniform / Count, 0.03);
    }

    [Theory]
    [InlineData(1f)]
    [InlineData(2.5f)]
    public void A_power_law_stays_in_its_limits_and_favours_the_small(float exponent)
    {
        RandomStream random = new(12);
        float[] draws = new float[2000];
        for (int i = 0; i < draws.Length; i++)
            draws[i] = random.PowerLaw(12, 200, exponent);

        Assert.All(draws, draw => Assert.InRange(draw, 11.99f, 200.01f));
        Assert.True(draws.Count(draw => draw < 50) > draws.Length / 2);
    }

    [Fact]
    public void Picks_follow_their_weights()
    {
        RandomStream random = new(13);
        int[] counts = new int[3];
        for (int i = 0; i < 8000; i++)
            counts[random.PickWeighted([1, 0, 3])]++;

        Assert.Equal(0, counts[1]);
        Assert.Equal(6000, counts[2], 300.0);
    }
}
