namespace PocketSam.Cli.Reports;

/// <summary>Names of checkpoint formats in reports.</summary>
internal static class FormatNames
{
    public static string Of(CheckpointFormat format) => format switch
    {
        CheckpointFormat.Safetensors => "safetensors",
        CheckpointFormat.TorchZip => "torch zip",
        CheckpointFormat.TorchLegacy => "torch legacy",
        _ => "memory",
    };
}
