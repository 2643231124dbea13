namespace PocketSam.Imaging.Tests;

public class FixtureTests
{
    public static TheoryData<string> Pictures => new(Fixture.Pictures().Where(name => name != "animated.webp"));

    [Theory]
    [MemberData(nameof(Pictures))]
    public void Read_GivesThePixelsOtherProgramsGive(string name)
        => Fixture.AssertSame(Fixture.Expected(name), ImageFile.Read(Fixture.PathOf(name)));

    [Theory]
    [MemberData(nameof(Pictures))]
    public void ReadSize_IsTheSizeOfTheUprightPicture(string name)
    {
        var expected = Fixture.Expected(name);
        Assert.Equal((expected.Width, expected.Height), ImageFile.ReadSize(Fixture.PathOf(name)));
    }

    [Fact]
    public void Lossless_WebP_IsThePictureItWasMadeFrom()
        => Fixture.AssertSame(Fixture.Base(), ImageFile.Read(Fixture.PathOf("lossless.webp")));

    [Theory]
    [InlineData("rgb.png")]
    [InlineData("alpha.png")]
    [InlineData("gamma.png")]
    [InlineData("interlaced.png")]
    public void Png_IsThePictureItWasMadeFrom(string name)
        => Fixture.AssertSame(Fixture.Base(), ImageFile.Read(Fixture.PathOf(name)));

    [Fact]
    public void Format_IsToldByContentNotByName()
    {
        using var folder = new TemporaryFolder();
        File.Copy(Fixture.PathOf("sampling-2x2.jpg"), folder["photo.png"]);

        Fixture.AssertSame(Fixture.Expected("sampling-2x2.jpg"), ImageFile.Read(folder["photo.png"]));
    }
}
