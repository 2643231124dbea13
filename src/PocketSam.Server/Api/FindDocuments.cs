using System.Text.Json.Serialization;

namespace PocketSam.Server.Api;

/// <summary>A text to find in a picture.</summary>
/// <param name="Text">The phrases to find, separated by commas.</param>
/// <param name="MinRegion">Holes and islands smaller than this fraction of their mask are removed, 0 to 1.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record FindRequest(string Text, [property: JsonPropertyName("min_region")] double? MinRegion = null);

/// <summary>Progress of finding phrases.</summary>
/// <param name="Fraction">Fraction done, 0 to 1.</param>
internal sealed record FindProgress(double Fraction);

/// <summary>A mask that a phrase refers to.</summary>
/// <param name="Phrase">The phrase as given in the request.</param>
/// <param name="Score">Probability of the phrase, 0 to 1.</param>
/// <param name="Mask">The mask.</param>
/// <param name="Rival">The most probable alternative; null if there is none.</param>
internal sealed record FoundMaskDocument(string Phrase, float Score, MaskDocument Mask, string? Rival = null);

/// <summary>End of finding phrases.</summary>
/// <param name="Count">Number of masks sent; 0 if none was found.</param>
/// <param name="NotFound">The phrases for which no mask was found.</param>
/// <param name="Milliseconds">
/// Duration in milliseconds, with the wait for a turn, without receiving and sending.
/// </param>
internal sealed record FindEnd(
    int Count, [property: JsonPropertyName("not_found")] IReadOnlyList<string> NotFound, double Milliseconds);
