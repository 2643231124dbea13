using PocketSam.Training.Evaluation;

namespace PocketSam.Training.Tests.Evaluation;

public class EvaluationProtocolTests
{
    [Fact]
    public void Names_are_read_and_written()
    {
        Assert.Same(EvaluationProtocol.Box, EvaluationProtocol.Parse("box"));
        Assert.True(EvaluationProtocol.Box.IsBox);
        Assert.Same(EvaluationProtocol.OneClickMulti, EvaluationProtocol.Parse("1-click-multi"));
        for (int clicks = 1; clicks <= EvaluationProtocol.MaxClicks; clicks++)
        {
            EvaluationProtocol protocol = EvaluationProtocol.Parse($"{clicks}-click");
            Assert.Equal(EvaluationProtocol.Clicks(clicks), protocol);
            Assert.Equal(
                (clicks, false, $"{clicks}-click"), (protocol.ClickCount, protocol.IsBox, protocol.ToString()));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("boxes")]
    [InlineData("Box")]
    [InlineData("-click")]
    [InlineData("0-click")]
    [InlineData("21-click")]
    [InlineData("-1-click")]
    [InlineData("1.5-click")]
    [InlineData("99999999999-click")]
    [InlineData("3-clicks")]
    [InlineData("2-click-multi")]
    public void Other_names_are_refused(string text)
    {
        string message = Assert.Throws<FormatException>(() => EvaluationProtocol.Parse(text)).Message;
        Assert.Equal($"'{text}' is no evaluation protocol; there are 'box', '1-click' to '20-click', and '1-click-multi'", message);
    }

    [Fact]
    public void Lists_keep_their_order()
    {
        Assert.Equal(
            ["3-click", "box", "1-click"], EvaluationProtocol.ParseList("3-click, box,1-click").Select(p => p.Name));
        Assert.Contains("'box' is given twice",
            Assert.Throws<FormatException>(() => EvaluationProtocol.ParseList("box,1-click,box")).Message);
        Assert.Throws<FormatException>(() => EvaluationProtocol.ParseList("box,"));
        Assert.Throws<ArgumentOutOfRangeException>(() => EvaluationProtocol.Clicks(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => EvaluationProtocol.Clicks(21));
    }
}
