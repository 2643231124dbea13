using PocketSam.Kernels.Ops;
using PocketSam.Tensors;

namespace PocketSam.Models.Yolo;

/// <summary>One forward pass: its memory, which belongs to the innermost tape, and its observers.</summary>
/// <param name="layers">Number of layers that report completion.</param>
/// <param name="progress">The fraction of layers done, 0 to 1.</param>
/// <param name="observe">Receives the key and output of each layer.</param>
/// <param name="cancellation">Checked after each layer.</param>
internal sealed unsafe class YoloRun(
    int layers, IProgress<double>? progress, Action<string, FeatureMap>? observe, CancellationToken cancellation)
{
    private readonly Dictionary<nint, Tensor> _tensors = [];
    private int _done;

    /// <summary>A map, not initialised.</summary>
    public FeatureMap New(int height, int width, int channels)
    {
        Tensor tensor = Tape.New([height, width, channels]);
        var map = new FeatureMap(tensor.Data, height, width, channels);
        _tensors[map.Address] = tensor;
        return map;
    }

    /// <summary>Releases a map that is not read again.</summary>
    public void Release(FeatureMap map)
    {
        if (_tensors.Remove(map.Address, out Tensor? tensor))
            Tape.Release(tensor);
    }

    /// <summary>Reports that a layer is done.</summary>
    public void Done(string key, FeatureMap map)
    {
        observe?.Invoke(key, map);
        progress?.Report(Math.Min(1.0, ++_done / (double)layers));
        cancellation.ThrowIfCancellationRequested();
    }
}
