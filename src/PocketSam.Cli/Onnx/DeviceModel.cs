using PocketSam.Onnx;
using PocketSam.OnnxRuntime;

namespace PocketSam.Cli.Onnx;

/// <summary>A model whose image encoder may be computed by ONNX Runtime: it is written as ONNX to a folder of its own meanwhile.</summary>
internal sealed class DeviceModel : IDisposable
{
    private readonly OnnxEncoder? _encoder;
    private readonly string? _folder;

    private DeviceModel(Sam sam, OnnxEncoder? encoder, string? folder) => (Sam, _encoder, _folder) = (sam, encoder, folder);

    /// <summary>The model, until this is disposed of.</summary>
    public Sam Sam { get; }

    /// <summary>Loads a model.</summary>
    /// <param name="name">Its name or file.</param>
    /// <param name="device">What computes its image encoder; null for this program itself.</param>
    /// <param name="imageSize">Side of the input; null for the model's own.</param>
    /// <param name="cancellation">Looked at while it is written as ONNX.</param>
    public static DeviceModel Load(string name, string? device, int? imageSize, CancellationToken cancellation)
    {
        Sam sam = Sam.Load(name);
        if (device is null)
            return new DeviceModel(sam, null, null);
        if (imageSize is { } size)
            sam.Config.ValidateInputSize(size);
        string folder = Directory.CreateTempSubdirectory("pocketsam-device").FullName;
        try
        {
            OnnxPair pair = OnnxExporter.Export(sam, folder, new OnnxExportOptions { ImageSize = imageSize }, cancellation: cancellation);
            var encoder = new OnnxEncoder(pair.Encoder, DeviceNames.Find(device), ComputeThreads.Count);
            return new DeviceModel(sam.WithBackend(encoder), encoder, folder);
        }
        catch
        {
            Directory.Delete(folder, recursive: true);
            throw;
        }
    }

    /// <summary>Closes and removes what was written.</summary>
    public void Dispose()
    {
        _encoder?.Dispose();
        if (_folder is not null)
            Directory.Delete(_folder, recursive: true);
    }
}
