namespace PocketSam.Tests;

/// <summary>
/// The outputs of the public Python reference that lie beside the repository, in <c>shared/golden</c>, or where
/// <c>POCKETSAM_SHARED</c> says. Tests that need them skip where they are absent.
/// </summary>
internal static class GoldenFiles
{
    private static readonly string? Folder = Find();

    /// <summary>The path of a file below <c>shared/golden</c>; skips the test where there is none.</summary>
    public static string Require(string name)
    {
        Assert.SkipWhen(Folder is null, "shared/golden lies neither beside the repository nor under POCKETSAM_SHARED");
        return Path.Combine(Folder, name);
    }

    /// <summary>A safetensors file, named without its extension.</summary>
    public static Checkpoint Read(string name) => Safetensors.Read(Require(name + ".safetensors"));

    /// <summary>Real weights that lie beside the golden numbers, named without extension; skips the test where there are none.</summary>
    public static Checkpoint ReadWeights(string name)
    {
        string path = Path.Combine(Require(".."), "weights", name + ".safetensors");
        Assert.SkipWhen(!File.Exists(path), $"shared/weights has no {name}");
        return Safetensors.Read(path);
    }

    /// <summary>A picture <c>[H, W, 3]</c> of bytes.</summary>
    public static RgbImage Image(StoredTensor stored) => new(stored.Shape[1], stored.Shape[0], stored.ToBytes().ToArray());

    private static string? Find()
    {
        if (Environment.GetEnvironmentVariable("POCKETSAM_SHARED") is { Length: > 0 } given)
            return GoldenOf(given);
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (GoldenOf(Path.Combine(folder.FullName, "shared")) is { } found)
                return found;
        }

        return null;
    }

    private static string? GoldenOf(string shared)
    {
        string golden = Path.Combine(shared, "golden");
        return File.Exists(Path.Combine(golden, "README.md")) ? golden : null;
    }
}
