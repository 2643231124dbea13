using PocketSam.Training.Evaluation;

namespace PocketSam.Training.Tests.Evaluation;

public class AgreementProtocolTests
{
    [Fact]
    public void Names_are_read_as_they_are_written()
    {
        string all = string.Join(',', AgreementProtocol.All);
        Assert.Equal("box,1-click,2-points-100,2-points-200,2-points-300,2-points-400,2-points-500", all);
        Assert.Equal(AgreementProtocol.All, AgreementProtocol.ParseList(all));
        Assert.Equal([AgreementProtocol.TwoPoints(7), AgreementProtocol.Box], AgreementProtocol.ParseList("2-points-7, box"));
        Assert.Equal(7, AgreementProtocol.Parse("2-points-7").Distance);
    }

    [Theory]
    [InlineData("3-click")]
    [InlineData("Box")]
    [InlineData("")]
    [InlineData("2-points-")]
    [InlineData("2-points-0")]
    [InlineData("2-points--5")]
    [InlineData("2-points-1447")]
    [InlineData("2-points-99999999999")]
    public void What_is_no_protocol_is_refused(string text)
    {
        var e = Assert.Throws<FormatException>(() => AgreementProtocol.Parse(text));
        Assert.Equal(
            $"'{text}' is no protocol of agreement; there are 'box', '1-click' and '2-points-D', D being 1 to 1446 pixels",
            e.Message);
    }

    [Fact]
    public void A_protocol_is_given_once()
    {
        var e = Assert.Throws<FormatException>(() => AgreementProtocol.ParseList("box,2-points-5,2-points-05"));
        Assert.Equal("evaluation protocol '2-points-5' is given twice", e.Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => AgreementProtocol.TwoPoints(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => AgreementProtocol.TwoPoints(1447));
    }
}
