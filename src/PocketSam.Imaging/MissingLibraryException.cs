namespace PocketSam.Imaging;

/// <summary>A native picture library is not installed; the message names it and the command that installs it.</summary>
public sealed class MissingLibraryException : DllNotFoundException
{
    internal MissingLibraryException(string library, string installation, IEnumerable<string> tried)
        : base(
            $"the library {library} is missing (looked for {string.Join(", ", tried)}); to install it: {installation}")
    {
        Library = library;
        Installation = installation;
    }

    /// <summary>The library, for example <c>libturbojpeg</c>.</summary>
    public string Library { get; }

    /// <summary>The command that installs it, for example <c>apt-get install libturbojpeg0</c>.</summary>
    public string Installation { get; }
}
