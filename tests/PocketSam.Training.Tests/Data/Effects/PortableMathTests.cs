using PocketSam.Training.Data.Effects;

namespace PocketSam.Training.Tests.Data.Effects;

public class PortableMathTests
{
    [Fact]
    public void Agrees_with_the_platform()
    {
        for (double x = -20; x <= 20; x += 0.137)
        {
            Assert.Equal(1, PortableMath.Exp(x) / Math.Exp(x), 1e-9);
            double positive = Math.Exp(x);
            Assert.Equal(Math.Log(positive), PortableMath.Log(positive), 1e-8);
            Assert.Equal(1, PortableMath.Pow(positive, 0.7) / Math.Pow(positive, 0.7), 1e-8);
            Assert.Equal(Math.Sin(2 * Math.PI * x), PortableMath.SinTurns((float)x), 1e-5);
            Assert.Equal(Math.Cos(2 * Math.PI * x), PortableMath.CosTurns((float)x), 1e-5);
        }
    }
}
