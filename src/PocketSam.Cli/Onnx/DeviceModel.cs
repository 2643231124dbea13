using PocketSam.Onnx;
using PocketSam.OnnxRuntime;

namespace PocketSam.Cli.Onnx;

/// <summary>A model whose image encoder may run in ONNX Runtime, from a temporary ONNX export.</summary>
internal sealed class DeviceModel : IDisposable
{
    private readonly OnnxEncoder? _encoder;
    private readonly string? _folder;

    private DeviceModel(Sam sam, OnnxEncoder? encoder, string? folder) => (Sam, _encoder, _folder) = (sam, encoder, folder);

    /// <summary>The model, usable until this is disposed of.</summary>
    public Sam Sam { get; }

    /// <summary>Loads a model.</summary>
    /// <param name="name">Name or file of the model.</param>
    /// <param name="device">The device for the image encoder; null for the library's own code.</param>
    /// <param name="imageSize">Side of the input in pixels; null for the model's own.</param>
    /// <param name="cancellation">Checked during the export.</param>
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

    /// <summary>Closes the export and deletes it.</summary>
    public void Dispose()
    {
        _encoder?.Dispose();
        if (_folder is not null)
            Directory.Delete(_folder, recursive: true);
    }
}
