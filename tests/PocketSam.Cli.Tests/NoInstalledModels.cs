using System.Runtime.CompilerServices;

namespace PocketSam.Cli.Tests;

/// <summary>Tests of the command line use the default model wherever they name none: it takes a tenth of the time.</summary>
internal static class NoInstalledModels
{
    [ModuleInitializer]
    internal static void Set() => Environment.SetEnvironmentVariable("POCKETSAM_MODELS", AppContext.BaseDirectory);
}
