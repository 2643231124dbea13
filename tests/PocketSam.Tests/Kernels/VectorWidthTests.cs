using System.Diagnostics.Tracing;
using PocketSam.Kernels.Vectors;

namespace PocketSam.Tests.Kernels;

public sealed class VectorWidthTests
{
    [Theory]
    [InlineData(512, 512, true, null)]
    [InlineData(256, 128, true, null)]
    [InlineData(
        128, 256, true,
        "vectors of 128 bits are used where the processor has 256: compile for it with <IlcInstructionSet>x86-64-v3</IlcInstructionSet>")]
    [InlineData(
        256, 512, true,
        "vectors of 256 bits are used where the processor has 512: compile for it with <IlcInstructionSet>x86-64-v4</IlcInstructionSet>")]
    [InlineData(
        256, 512, false,
        "vectors of 256 bits are used where the processor has 512: set DOTNET_PreferredVectorBitWidth=512 if they are wanted")]
    [InlineData(
        32, 256, false,
        "vectors of 32 bits are used where the processor has 256: a setting of the runtime (DOTNET_Enable...) forbids more")]
    public void Narrow_vectors_come_with_advice(int used, int ofProcessor, bool isAheadOfTime, string? advice)
        => Assert.Equal(advice, VectorWidth.Advise(used, ofProcessor, isAheadOfTime));

    [Fact]
    [Trait("Category", "Simd")]
    public void The_processor_has_at_least_what_is_used()
    {
        Assert.Equal(32 * Simd.Width, VectorWidth.Used);
        Assert.True(VectorWidth.OfProcessor >= VectorWidth.Used);
    }

    [Fact]
    public void Narrow_vectors_are_an_event()
    {
        using var listener = new Listener();
        PocketSamEventSource.Log.NarrowVectors(128, 512, "compile for it");

        EventWrittenEventArgs told = Assert.Single(listener.Events, e => e.EventName == "NarrowVectors" && Equals(e.Payload![0], 128));
        Assert.Equal("compile for it", told.Payload![2]);
    }

    private sealed class Listener : EventListener
    {
        public List<EventWrittenEventArgs> Events { get; } = [];

        protected override void OnEventSourceCreated(EventSource eventSource)
        {
            if (eventSource.Name == "PocketSam")
                EnableEvents(eventSource, EventLevel.Warning);
        }

        protected override void OnEventWritten(EventWrittenEventArgs eventData) => Events.Add(eventData);
    }
}
