using System.Diagnostics.Tracing;

namespace PocketSam.Kernels.Vectors;

/// <summary>The events of the library, for <c>dotnet-trace</c> and <see cref="EventListener"/>s.</summary>
[EventSource(Name = "PocketSam")]
internal sealed class PocketSamEventSource : EventSource
{
    public static readonly PocketSamEventSource Log = new();

    private PocketSamEventSource()
    {
    }

    [Event(1, Level = EventLevel.Warning, Message = "{2}")]
    public void NarrowVectors(int used, int ofProcessor, string advice) => WriteEvent(1, used, ofProcessor, advice);
}
