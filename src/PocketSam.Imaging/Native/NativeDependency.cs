using System.Reflection;
using System.Runtime.InteropServices;

namespace PocketSam.Imaging.Native;

/// <summary>
/// A library of the system: the names it goes by, and how to install it. A codec calls <see cref="Require"/> before
/// its first native call, so that a missing library is one clear error and not a failed P/Invoke.
/// </summary>
internal sealed class NativeDependency
{
    public static readonly NativeDependency TurboJpeg = new(
        "libturbojpeg",
        linux: new("apt-get install libturbojpeg0", ["libturbojpeg.so.0", "libturbojpeg.so"]),
        macOS: new("brew install jpeg-turbo", ["libturbojpeg.0.dylib", "libturbojpeg.dylib"]),
        windows: new("vcpkg install libjpeg-turbo", ["turbojpeg.dll", "libturbojpeg.dll"]));

    public static readonly NativeDependency Png = new(
        "libpng16",
        linux: new("apt-get install libpng16-16", ["libpng16.so.16", "libpng16.so"]),
        macOS: new("brew install libpng", ["libpng16.16.dylib", "libpng16.dylib"]),
        windows: new("vcpkg install libpng", ["libpng16.dll", "libpng16-16.dll"]));

    public static readonly NativeDependency WebP = new(
        "libwebp",
        linux: new("apt-get install libwebp7", ["libwebp.so.7", "libwebp.so"]),
        macOS: new("brew install webp", ["libwebp.7.dylib", "libwebp.dylib"]),
        windows: new("vcpkg install libwebp", ["libwebp.dll", "libwebp-7.dll"]));

    private static readonly string[] HomebrewFolders = ["/opt/homebrew/lib", "/usr/local/lib"];

    private readonly string _name;
    private readonly Platform _platform;
    private Func<string, nint> _open = OpenFromSystem;
    private nint _handle;

    static NativeDependency()
        => NativeLibrary.SetDllImportResolver(typeof(NativeDependency).Assembly, Resolve);

    private NativeDependency(string name, Platform linux, Platform macOS, Platform windows)
    {
        _name = name;
        _platform = OperatingSystem.IsWindows() ? windows : OperatingSystem.IsMacOS() ? macOS : linux;
    }

    /// <summary>Opens a library by file name, 0 if there is none. Tests put a loader here that finds nothing.</summary>
    internal Func<string, nint> Open
    {
        get => _open;
        set
        {
            _open = value;
            _handle = 0;
        }
    }

    /// <summary>The loaded library.</summary>
    /// <exception cref="MissingLibraryException">None of its names can be loaded.</exception>
    public nint Require()
    {
        if (_handle == 0)
            _handle = Load();
        return _handle;
    }

    private nint Load()
    {
        foreach (string file in _platform.Files)
        {
            nint handle = _open(file);
            if (handle != 0)
                return handle;
        }

        throw new MissingLibraryException(_name, _platform.Installation, _platform.Files);
    }

    // Two threads may load at once: the system counts references and hands both the same handle.
    private static nint OpenFromSystem(string file)
    {
        if (NativeLibrary.TryLoad(file, out nint handle))
            return handle;
        if (!OperatingSystem.IsMacOS())
            return 0;
        foreach (string folder in HomebrewFolders)
        {
            if (NativeLibrary.TryLoad(Path.Combine(folder, file), out handle))
                return handle;
        }

        return 0;
    }

    private static nint Resolve(string import, Assembly assembly, DllImportSearchPath? searchPath) => import switch
    {
        NativeTurboJpeg.Import => TurboJpeg.Require(),
        NativePng.Import => Png.Require(),
        NativeWebP.Import => WebP.Require(),
        _ => 0,
    };

    private sealed record Platform(string Installation, string[] Files);
}
