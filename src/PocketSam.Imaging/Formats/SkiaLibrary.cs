using System.Runtime.InteropServices;
using SkiaSharp;

namespace PocketSam.Imaging.Formats;

/// <summary>
/// SkiaSharp's native library. Code that uses it calls <see cref="Require"/> first, so that a missing library gives one
/// clear error.
/// </summary>
internal static class SkiaLibrary
{
    private const string Name = "libSkiaSharp";

    private static Action _load = Load;
    private static bool _isThere;

    /// <summary>Loads the library or throws. Tests replace it to simulate a missing library.</summary>
    internal static Action Loader
    {
        get => _load;
        set
        {
            _load = value;
            _isThere = false;
        }
    }

    /// <exception cref="MissingLibraryException">
    /// The library is missing, or does not match this version of SkiaSharp.
    /// </exception>
    public static void Require()
    {
        if (_isThere)
            return;
        try
        {
            _load();
        }
        catch (Exception e) when (e is TypeInitializationException or DllNotFoundException or BadImageFormatException)
        {
            throw new MissingLibraryException(Name, RuntimeInformation.RuntimeIdentifier, Package(), e);
        }

        _isThere = true;
    }

    private static void Load()
    {
        if (!SkiaSharpVersion.CheckNativeLibraryCompatible())
            throw new DllNotFoundException($"{Name} {SkiaSharpVersion.Native} is too old");
    }

    private static string Package()
    {
        string platform = OperatingSystem.IsWindows() ? "Win32"
            : OperatingSystem.IsMacOS() ? "macOS"
            : OperatingSystem.IsAndroid() ? "Android"
            : OperatingSystem.IsIOS() ? "iOS"
            : "Linux.NoDependencies";
        return $"SkiaSharp.NativeAssets.{platform}";
    }
}
