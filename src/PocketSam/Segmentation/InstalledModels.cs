namespace PocketSam.Segmentation;

/// <summary>Models that are installed as files in known folders.</summary>
internal static class InstalledModels
{
    private const string FolderVariable = "POCKETSAM_MODELS";

    /// <summary>The folders to search: that of <c>POCKETSAM_MODELS</c>, otherwise those beside the program.</summary>
    public static IReadOnlyList<string> Folders => Environment.GetEnvironmentVariable(FolderVariable) is { Length: > 0 } folder
        ? [folder] : [Path.Combine(AppContext.BaseDirectory, "models"), AppContext.BaseDirectory];

    /// <summary>The file of a model; null if it is not installed.</summary>
    public static string? PathOf(string name)
        => Folders.Select(folder => Path.Combine(folder, name + ".safetensors")).FirstOrDefault(File.Exists);
}
