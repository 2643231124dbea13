using System.CommandLine;
using PocketSam.OnnxRuntime;

namespace PocketSam.Cli.Onnx;

/// <summary>The values of <c>--device</c>.</summary>
internal static class DeviceNames
{
    private static readonly Dictionary<string, OnnxDevice> Devices = new()
    {
        ["cpu"] = OnnxDevice.Cpu, ["cuda"] = OnnxDevice.Cuda, ["dml"] = OnnxDevice.DirectMl, ["coreml"] = OnnxDevice.CoreMl,
    };

    /// <summary><c>--device</c></summary>
    /// <param name="description">Help text of the option.</param>
    public static Option<string?> Option(string description)
    {
        var option = new Option<string?>("--device") { Description = description, HelpName = string.Join('|', Devices.Keys) };
        option.AcceptOnlyFromAmong([.. Devices.Keys]);
        return option;
    }

    /// <summary>The device of a name.</summary>
    public static OnnxDevice Find(string name) => Devices[name];
}
