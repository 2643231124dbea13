using System.Text.Json;

namespace PocketSam.Labelling.Jobs;

/// <summary>Thrown by a job that is stopped and has a result for what it has done.</summary>
internal sealed class JobStoppedException(JsonElement result) : OperationCanceledException
{
    public JsonElement Result { get; } = result;
}
