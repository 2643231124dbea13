using PocketSam.Kernels.Ops;
using PocketSam.Tensors;

namespace PocketSam.Models.Yolo;

/// <summary>One forward pass: its memory, which is the innermost tape's, and who wants to know how far it is.</summary>
/// <param name="layers">Layers that tell when they are done.</param>
/// <param name="progress">Told the share of the layers that are done.</param>
/// <param name="observe">Told what each layer gives, by its key.</param>
/// <param name="cancellation">Looked at behind each layer.</param>
internal sealed unsafe class YoloRun(
    int layers, IProgress<double>? progress, Action<string, FeatureMap>? observe, CancellationToken cancellation)
{
    private readonly Dictionary<nint, Tensor> _tensors = [];
    private int _done;

    /// <summary>A map with any content.</summary>
    public FeatureMap New(int height, int width, int channels)
    {
        Tensor tensor = Tape.New([height, width, channels]);
        var map = new FeatureMap(tensor.Data, height, width, channels);
        _tensors[map.Address] = tensor;
        return map;
    }

    /// <summary>Nobody reads the map any more.</summary>
    public void Release(FeatureMap map)
    {
        if (_tensors.Remove(map.Address, out Tensor? tensor))
            Tape.Release(tensor);
    }

    /// <summary>Tells that a layer has given its map.</summary>
    public void Done(string key, FeatureMap map)
    {
        observe?.Invoke(key, map);
        progress?.Report(Math.Min(1.0, ++_done / (double)layers));
        cancellation.ThrowIfCancellationRequested();
    }
}
