using System.Collections.Concurrent;
using PocketSam.Onnx;
using PocketSam.Tests.Models;

namespace PocketSam.Tests.Onnx;

/// <summary>Models of made-up weights as ONNX, each written once for all tests; the folder is removed when they end.</summary>
internal static class ExportedModels
{
    private static readonly ConcurrentDictionary<string, Lazy<Sam>> Models = new();
    private static readonly ConcurrentDictionary<(string, OnnxExportOptions), Lazy<OnnxPair>> Pairs = new();
    private static readonly Lazy<DirectoryInfo> Folder = new(() =>
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("pocketsam-onnx");
        AppDomain.CurrentDomain.ProcessExit += (_, _) => folder.Delete(recursive: true);
        return folder;
    });

    /// <summary>A model by the name of its architecture, or of the golden file that it is for.</summary>
    public static Sam Model(string name)
        => Models.GetOrAdd(Architecture(name), known => new(() => Sam.Over(MadeUpWeights.Create(ModelZoo.Find(known)!)))).Value;

    public static OnnxPair Export(string name, OnnxExportOptions? options = null) => Pairs.GetOrAdd(
        (Architecture(name), options ?? new OnnxExportOptions()), wanted => new(() => OnnxExporter.Export(
            Model(wanted.Item1), Path.Combine(Folder.Value.FullName, Path.GetRandomFileName()), wanted.Item2))).Value;

    /// <summary>A folder for files of one test.</summary>
    public static string NewFolder() => Folder.Value.CreateSubdirectory(Path.GetRandomFileName()).FullName;

    private static string Architecture(string name) => ModelZoo.Find(name)?.Name ?? name[..5];
}
