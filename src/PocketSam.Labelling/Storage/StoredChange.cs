using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace PocketSam.Labelling.Storage;

/// <summary>One step of an entry of the history, with what was there before and after it.</summary>
/// <param name="Before">The object before; null where it was added.</param>
/// <param name="After">The object after; null where it was removed.</param>
/// <param name="StateBefore">State and comment before, where these changed.</param>
/// <param name="StateAfter">State and comment after, where these changed.</param>
/// <param name="Proposal">The proposal that became the object.</param>
internal sealed record StoredChange(
    StoredObject? Before = null, StoredObject? After = null, StoredState? StateBefore = null, StoredState? StateAfter = null,
    long? Proposal = null)
{
    /// <summary>What undoes it.</summary>
    [JsonIgnore]
    public StoredChange Reversed => new(After, Before, StateAfter, StateBefore, Proposal);
}

/// <summary>State and comment of a picture.</summary>
internal sealed record StoredState(string State, string Comment);

/// <summary>The JSON of the history.</summary>
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(List<StoredChange>))]
internal sealed partial class HistoryJson : JsonSerializerContext
{
    public static HistoryJson Types => Relaxed.Types;

    /// <summary>Made when it is first asked for, after what it is made of.</summary>
    private static class Relaxed
    {
        public static readonly HistoryJson Types = new(new JsonSerializerOptions(Default.Options)
        {
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        });
    }
}
