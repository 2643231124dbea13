using System.Globalization;
using System.Xml.Linq;

namespace PocketSam.Packages.Tests;

/// <summary>The packages in a feed of their own, and projects that use them, in a folder outside of the repository.</summary>
public sealed class Feed : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("pocketsam-packages-");

    public Feed()
    {
        Version = $"0.1.0-test.{DateTime.UtcNow.ToString("yyyyMMddHHmmss", CultureInfo.InvariantCulture)}";
        Environment = new Dictionary<string, string>
        {
            ["NUGET_PACKAGES"] = this["installed"],
            ["MSBUILDDISABLENODEREUSE"] = "1",
            ["UseSharedCompilation"] = "false",
            ["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1",
            ["DOTNET_CLI_UI_LANGUAGE"] = "en",
            ["DOTNET_NOLOGO"] = "1",
        };
        Shell.Run(
            Repository.Root, Environment, "dotnet", "pack", "PocketSam.slnx", "--no-build", "-c", Repository.Configuration,
            "-o", Packages, "-v", "quiet", $"-p:Version={Version}");

        // Sources are the feed and those that the user has; what was fetched before is not fetched again.
        string fetched = System.Environment.GetEnvironmentVariable("NUGET_PACKAGES")
            ?? Path.Combine(
                System.Environment.GetFolderPath(System.Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        Directory.CreateDirectory(fetched);
        new XElement(
            "configuration",
            new XElement("packageSources", Add("feed", Packages)),
            new XElement("fallbackPackageFolders", Add("fetched", fetched))).Save(this["nuget.config"]);

        Directory.CreateDirectory(Samples);
        foreach (string picture in Directory.GetFiles(Path.Combine(Repository.Root, "samples"), "*.jpg"))
            File.Copy(picture, Path.Combine(Samples, Path.GetFileName(picture)));

        static XElement Add(string key, string value)
            => new("add", new XAttribute("key", key), new XAttribute("value", value));
    }

    /// <summary>Of all packages.</summary>
    public string Version { get; }

    /// <summary>What programs are run with.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; }

    /// <summary>The folder with the packages.</summary>
    public string Packages => this["feed"];

    /// <summary>A folder with the pictures of <c>samples</c>, for programs to run in.</summary>
    public string Samples => this["samples"];

    /// <summary>Path of a file or folder.</summary>
    public string this[string name] => Path.Combine(_folder.FullName, name);

    /// <summary>Writes a project that uses packages of the feed.</summary>
    /// <param name="name">Its folder.</param>
    /// <param name="sdk"><c>Microsoft.NET.Sdk</c>, or that with <c>.Web</c>.</param>
    /// <param name="packages">Their ids; one of another feed is followed by a slash and its version.</param>
    /// <param name="files">Name and text of its source files.</param>
    /// <returns>Its folder.</returns>
    public string CreateProject(
        string name, string sdk, IEnumerable<string> packages, IEnumerable<(string Name, string Text)> files)
    {
        string folder = Directory.CreateDirectory(this[name]).FullName;
        new XElement(
            "Project",
            new XAttribute("Sdk", sdk),
            new XElement(
                "PropertyGroup",
                new XElement("OutputType", "Exe"),
                new XElement("TargetFramework", "net10.0"),
                new XElement("Nullable", "enable"),
                new XElement("ImplicitUsings", "enable")),
            new XElement("ItemGroup", packages.Select(id => id.Split('/')).Select(parts => new XElement(
                "PackageReference", new XAttribute("Include", parts[0]),
                new XAttribute("Version", parts.Length > 1 ? parts[1] : Version)))))
            .Save(Path.Combine(folder, $"{name}.csproj"));
        foreach ((string file, string text) in files)
            File.WriteAllText(Path.Combine(folder, file), text);
        return folder;
    }

    /// <summary>Builds a project.</summary>
    /// <returns>Its program, for <c>dotnet</c>.</returns>
    public string Build(string name)
    {
        Shell.Run(this[name], Environment, "dotnet", "build", "-c", "Release", "-v", "quiet", "-o", "out");
        return Path.Combine(this[name], "out", $"{name}.dll");
    }

    /// <summary>Publishes a project for this machine.</summary>
    /// <returns>Its program, and what the publishing wrote.</returns>
    public (string Program, string Output) Publish(string name, params string[] properties)
    {
        string output = Shell.Run(
            this[name], Environment, "dotnet",
            ["publish", "-c", "Release", "-o", "published", "--use-current-runtime", .. properties]);
        return (Path.Combine(this[name], "published", OperatingSystem.IsWindows() ? $"{name}.exe" : name), output);
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
