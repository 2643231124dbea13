using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace PocketSam.Labelling.Storage;

/// <summary>One change in an entry of the history, with the values before and after it.</summary>
/// <param name="Before">The object before; null if it is added.</param>
/// <param name="After">The object after; null if it is removed.</param>
/// <param name="StateBefore">State and comment before; null if they do not change.</param>
/// <param name="StateAfter">State and comment after; null if they do not change.</param>
/// <param name="Proposal">Id of the proposal that the object is made from; null for none.</param>
internal sealed record StoredChange(
    StoredObject? Before = null, StoredObject? After = null, StoredState? StateBefore = null, StoredState? StateAfter = null,
    long? Proposal = null)
{
    /// <summary>The change that undoes this one.</summary>
    [JsonIgnore]
    public StoredChange Reversed => new(After, Before, StateAfter, StateBefore, Proposal);
}

/// <summary>State and comment of a picture.</summary>
internal sealed record StoredState(string State, string Comment);

/// <summary>The JSON types of the history.</summary>
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(List<StoredChange>))]
internal sealed partial class HistoryJson : JsonSerializerContext
{
    public static HistoryJson Types => Relaxed.Types;

    /// <summary>Initialised on first use, after the static members of the generated class.</summary>
    private static class Relaxed
    {
        public static readonly HistoryJson Types = new(new JsonSerializerOptions(Default.Options)
        {
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        });
    }
}
