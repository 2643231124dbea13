using PocketSam.Imaging.Formats;

namespace PocketSam.Imaging.Tests;

/// <summary>Takes the library away for a moment, so no other test may run beside these.</summary>
[CollectionDefinition(nameof(MissingLibraryTests), DisableParallelization = true)]
[Collection(nameof(MissingLibraryTests))]
public class MissingLibraryTests
{
    [Fact]
    public void Reading_NamesTheLibraryAndItsPackage()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the package differs elsewhere");

        var e = WithoutLibrary(() => ImageFile.Read(Fixture.PathOf("rgb.png")));

        Assert.Equal(("libSkiaSharp", "SkiaSharp.NativeAssets.Linux.NoDependencies"), (e.Library, e.Package));
        Assert.StartsWith("the native library libSkiaSharp is missing for linux", e.Message);
        Assert.EndsWith($"; it is in the package {e.Package}", e.Message);
    }

    [Fact]
    public void EverythingThatNeedsItSaysSo()
    {
        var image = new RgbImage(1, 1);
        WithoutLibrary(() => ImageFile.ReadSize(Fixture.PathOf("sampling-2x2.jpg")));
        WithoutLibrary(() => ImageFile.EncodeJpeg(image));
        WithoutLibrary(() => ImageFile.EncodePng(image));
        WithoutLibrary(() => ImageFile.EncodeWebP(image));
        WithoutLibrary(() => image.ToSKBitmap());
    }

    [Fact]
    public void ALibraryOfAnotherVersion_IsMissingToo()
        => Assert.IsType<TypeInitializationException>(WithoutLibrary(
            () => ImageFile.EncodePng(new RgbImage(1, 1)), new TypeInitializationException("SKObject", null)).InnerException);

    [Fact]
    public void Library_ComesBack()
    {
        WithoutLibrary(() => ImageFile.Read(Fixture.PathOf("rgb.png")));

        Assert.Equal(37, ImageFile.Read(Fixture.PathOf("rgb.png")).Width);
    }

    private static MissingLibraryException WithoutLibrary(Func<object> action, Exception? cause = null)
    {
        Action load = SkiaLibrary.Loader;
        try
        {
            SkiaLibrary.Loader = () => throw cause ?? new DllNotFoundException("libSkiaSharp");
            return Assert.Throws<MissingLibraryException>(action);
        }
        finally
        {
            SkiaLibrary.Loader = load;
        }
    }
}
