using System.Text.Json;

namespace PocketSam.Labelling.Jobs;

/// <summary>A job was stopped that has something to show all the same.</summary>
internal sealed class JobStoppedException(JsonElement result) : OperationCanceledException
{
    public JsonElement Result { get; } = result;
}
