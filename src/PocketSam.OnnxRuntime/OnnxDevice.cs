namespace PocketSam.OnnxRuntime;

/// <summary>The device that ONNX Runtime computes on.</summary>
public enum OnnxDevice
{
    /// <summary>The CPU.</summary>
    Cpu,

    /// <summary>An NVIDIA GPU, through CUDA.</summary>
    Cuda,

    /// <summary>Any GPU on Windows, through DirectML.</summary>
    DirectMl,

    /// <summary>Apple's CPU, GPU and Neural Engine, through Core ML.</summary>
    CoreMl,
}
