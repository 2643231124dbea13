namespace PocketSam.OnnxRuntime;

/// <summary>What ONNX Runtime computes on.</summary>
public enum OnnxDevice
{
    /// <summary>The processor.</summary>
    Cpu,

    /// <summary>A graphics card of NVIDIA, by CUDA.</summary>
    Cuda,

    /// <summary>Any graphics card on Windows, by DirectML.</summary>
    DirectMl,

    /// <summary>Apple's processors, by Core ML.</summary>
    CoreMl,
}
