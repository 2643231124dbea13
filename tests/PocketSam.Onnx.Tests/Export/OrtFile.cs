using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace PocketSam.Tests.Onnx;

/// <summary>A file in ONNX Runtime on the processor, as any program would use it.</summary>
internal sealed class OrtFile(string path) : IDisposable
{
    public InferenceSession Session { get; } = new(path);

    /// <summary>All results by name.</summary>
    public Dictionary<string, DenseTensor<float>> Run(params (string Name, object Values, int[] Shape)[] inputs)
    {
        using IDisposableReadOnlyCollection<DisposableNamedOnnxValue> results = Session.Run(
        [
            .. inputs.Select(input => input.Values is long[] whole
                ? NamedOnnxValue.CreateFromTensor(input.Name, new DenseTensor<long>(whole, input.Shape))
                : NamedOnnxValue.CreateFromTensor(input.Name, new DenseTensor<float>((float[])input.Values, input.Shape))),
        ]);
        return results.ToDictionary(r => r.Name, r => (DenseTensor<float>)r.AsTensor<float>().Clone());
    }

    public void Dispose() => Session.Dispose();
}
