using System.Text.Json.Serialization;

namespace PocketSam.Server.Api;

/// <summary>Words to be found in a picture.</summary>
/// <param name="Text">What is looked for, with commas between phrases.</param>
/// <param name="MinRegion">Holes and islands smaller than this share of their mask are removed, 0 to 1.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record FindRequest(string Text, [property: JsonPropertyName("min_region")] double? MinRegion = null);

/// <summary>How far the search for words has come.</summary>
/// <param name="Fraction">0 to 1.</param>
internal sealed record FindProgress(double Fraction);

/// <summary>A mask that a phrase means.</summary>
/// <param name="Phrase">The phrase, as it was given.</param>
/// <param name="Score">How sure that is, 0 to 1.</param>
/// <param name="Mask">The mask.</param>
/// <param name="Rival">The best of what else it might be; null where there is nothing.</param>
internal sealed record FoundMaskDocument(string Phrase, float Score, MaskDocument Mask, string? Rival = null);

/// <summary>The search for words has ended.</summary>
/// <param name="Count">Masks that were sent; 0 where nothing was found.</param>
/// <param name="NotFound">The phrases that mean nothing in the picture.</param>
/// <param name="Milliseconds">Time that it took, waiting for a turn included, receiving and sending not.</param>
internal sealed record FindEnd(
    int Count, [property: JsonPropertyName("not_found")] IReadOnlyList<string> NotFound, double Milliseconds);
