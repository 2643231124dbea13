namespace PocketSam.Imaging;

/// <summary>SkiaSharp's native library is missing; the message names it and the package that contains it.</summary>
public sealed class MissingLibraryException : DllNotFoundException
{
    internal MissingLibraryException(string library, string platform, string package, Exception cause)
        : base($"the native library {library} is missing for {platform}; it is in the package {package}", cause)
    {
        Library = library;
        Package = package;
    }

    /// <summary>Name of the library, <c>libSkiaSharp</c>.</summary>
    public string Library { get; }

    /// <summary>
    /// The NuGet package that contains it, for example <c>SkiaSharp.NativeAssets.Linux.NoDependencies</c>.
    /// </summary>
    public string Package { get; }
}
