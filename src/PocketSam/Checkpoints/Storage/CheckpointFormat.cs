namespace PocketSam;

/// <summary>A file format of checkpoints.</summary>
public enum CheckpointFormat
{
    /// <summary>No file: made in memory.</summary>
    Memory,

    /// <summary>safetensors.</summary>
    Safetensors,

    /// <summary>The zip archive of <c>torch.save</c> since PyTorch 1.6.</summary>
    TorchZip,

    /// <summary>The format of <c>torch.save</c> up to PyTorch 1.5: pickles, then storages.</summary>
    TorchLegacy,
}
