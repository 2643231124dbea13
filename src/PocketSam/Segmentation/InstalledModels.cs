namespace PocketSam.Segmentation;

/// <summary>Models that lie as files where a program finds them by their names.</summary>
internal static class InstalledModels
{
    private const string FolderVariable = "POCKETSAM_MODELS";

    /// <summary>Where they are looked for: in the folder of <c>POCKETSAM_MODELS</c>, or else beside the program.</summary>
    public static IReadOnlyList<string> Folders => Environment.GetEnvironmentVariable(FolderVariable) is { Length: > 0 } folder
        ? [folder] : [Path.Combine(AppContext.BaseDirectory, "models"), AppContext.BaseDirectory];

    /// <summary>The file of a model, or null where it is not installed.</summary>
    public static string? PathOf(string name)
        => Folders.Select(folder => Path.Combine(folder, name + ".safetensors")).FirstOrDefault(File.Exists);
}
