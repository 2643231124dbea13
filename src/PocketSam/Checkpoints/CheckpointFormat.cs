namespace PocketSam;

/// <summary>How a checkpoint is written down.</summary>
public enum CheckpointFormat
{
    /// <summary>Nowhere: made in memory.</summary>
    Memory,

    /// <summary>safetensors.</summary>
    Safetensors,

    /// <summary>What <c>torch.save</c> writes since PyTorch 1.6: a zip archive.</summary>
    TorchZip,

    /// <summary>What it wrote before: pickles, then storages.</summary>
    TorchLegacy,
}
