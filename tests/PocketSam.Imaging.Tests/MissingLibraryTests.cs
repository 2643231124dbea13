using PocketSam.Imaging.Native;

namespace PocketSam.Imaging.Tests;

/// <summary>Takes the libraries away for a moment, so no other test may run beside these.</summary>
[CollectionDefinition(nameof(MissingLibraryTests), DisableParallelization = true)]
[Collection(nameof(MissingLibraryTests))]
public class MissingLibraryTests
{
    [SkippableTheory]
    [InlineData("sampling-2x2.jpg", "libturbojpeg", "apt-get install libturbojpeg0")]
    [InlineData("rgb.png", "libpng16", "apt-get install libpng16-16")]
    [InlineData("lossy.webp", "libwebp", "apt-get install libwebp7")]
    public void Reading_NamesTheLibraryAndItsInstallation(string picture, string library, string installation)
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "the command differs elsewhere");

        var e = WithoutLibraries(() => ImageFile.Read(Fixture.PathOf(picture)));

        Assert.Equal((library, installation), (e.Library, e.Installation));
        Assert.StartsWith($"the library {library} is missing (looked for {library}.so.", e.Message);
        Assert.EndsWith($"to install it: {installation}", e.Message);
    }

    [Fact]
    public void Writing_NeedsTheLibraryToo()
    {
        var image = new RgbImage(1, 1);

        Assert.Equal("libturbojpeg", WithoutLibraries(() => ImageFile.EncodeJpeg(image)).Library);
        Assert.Equal("libpng16", WithoutLibraries(() => ImageFile.EncodePng(image)).Library);
    }

    [Fact]
    public void Libraries_ComeBack()
    {
        WithoutLibraries(() => ImageFile.Read(Fixture.PathOf("rgb.png")));

        Assert.Equal(37, ImageFile.Read(Fixture.PathOf("rgb.png")).Width);
    }

    [Fact]
    public void SecondName_IsTriedToo()
    {
        var asked = new List<string>();
        Func<string, nint> open = NativeDependency.WebP.Open;
        try
        {
            NativeDependency.WebP.Open = file =>
            {
                asked.Add(file);
                return asked.Count == 2 ? 42 : 0;
            };
            Assert.Equal(42, NativeDependency.WebP.Require());
            Assert.Equal(42, NativeDependency.WebP.Require());
        }
        finally
        {
            NativeDependency.WebP.Open = open;
        }

        Assert.Equal(2, asked.Distinct().Count());
        Assert.Equal(2, asked.Count);
    }

    private static MissingLibraryException WithoutLibraries(Func<object> action)
    {
        NativeDependency[] all = [NativeDependency.TurboJpeg, NativeDependency.Png, NativeDependency.WebP];
        Func<string, nint>[] open = [.. all.Select(library => library.Open)];
        try
        {
            foreach (NativeDependency library in all)
                library.Open = _ => 0;
            return Assert.Throws<MissingLibraryException>(action);
        }
        finally
        {
            for (int i = 0; i < all.Length; i++)
                all[i].Open = open[i];
        }
    }
}
