using System.Text.Json;
using System.Text.Json.Serialization;

namespace PocketSam.Labelling;

/// <summary>A class of objects.</summary>
/// <param name="Id">Its number, which never changes.</param>
/// <param name="Name">Its name.</param>
/// <param name="Color">As <c>#rrggbb</c>.</param>
/// <param name="Key">The key that chooses it, 1 to 9, or null.</param>
/// <param name="Objects">Objects that have it.</param>
internal sealed record ClassDocument(long Id, string Name, string Color, string? Key, long Objects);

/// <summary>A class that is added, or changed: what is null stays as it is.</summary>
internal sealed record ClassRequest(string? Name, string? Color, string? Key);

/// <summary>A mask as COCO writes it.</summary>
/// <param name="Size">Height and width.</param>
/// <param name="Counts">COCO's compressed string.</param>
internal sealed record RleDocument(int[] Size, string Counts);

/// <summary>An object of a picture.</summary>
/// <param name="Id">Its number; the same again after undo and redo.</param>
/// <param name="ClassId">Its class.</param>
/// <param name="Rle">Its mask.</param>
/// <param name="Attributes">What else is known of it.</param>
/// <param name="Made">How its mask was made.</param>
/// <param name="Who">Who made or last changed it.</param>
/// <param name="When">When, UTC.</param>
/// <param name="Score">How sure a model was, 0 to 1, or null.</param>
internal sealed record ObjectDocument(
    long Id, long ClassId, RleDocument Rle, Dictionary<string, string> Attributes, string Made, string Who, DateTime When, double? Score);

/// <summary>An object that is added, or changed: what is null stays as it is.</summary>
internal sealed record ObjectRequest(
    long? ClassId, RleDocument? Rle, Dictionary<string, string>? Attributes, string? Made, double? Score);

/// <summary>One change of a picture.</summary>
/// <param name="Op"><c>add</c>, <c>update</c>, <c>remove</c> or <c>state</c>.</param>
/// <param name="Id">The object that is changed or removed.</param>
/// <param name="Object">What is added, or changed of it.</param>
/// <param name="State">The picture's new state.</param>
/// <param name="Comment">The picture's new comment.</param>
internal sealed record ChangeRequest(string Op, long? Id, ObjectRequest? Object, string? State, string? Comment);

/// <summary>Changes that belong together: all of them are made, or none.</summary>
/// <param name="BaseVersion">The version of the picture that they were made on.</param>
/// <param name="How">What the person did, for the history.</param>
/// <param name="Seconds">Time it took.</param>
/// <param name="Changes">The changes, in order.</param>
internal sealed record ChangesRequest(long BaseVersion, string? How, double Seconds, IReadOnlyList<ChangeRequest>? Changes);

/// <summary>A picture after a change.</summary>
internal sealed record ChangesDocument(
    long Version, IReadOnlyList<ObjectDocument> Objects, string State, string Comment, bool CanUndo, bool CanRedo);

/// <summary>A picture in the list.</summary>
internal sealed record PictureDocument(
    long Id, string Name, int Width, int Height, string State, string Comment, long Objects, long Version, string Status,
    IReadOnlyList<string> OpenBy);

/// <summary>A part of the list.</summary>
internal sealed record PicturesDocument(long Total, IReadOnlyList<PictureDocument> Pictures);

/// <summary>A picture with its objects.</summary>
internal sealed record OpenedDocument(
    long Id, string Name, int Width, int Height, string State, string Comment, long Version, string Status, IReadOnlyList<string> OpenBy,
    IReadOnlyList<ObjectDocument> Objects, bool CanUndo, bool CanRedo);

/// <summary>The picture to go to.</summary>
internal sealed record NextDocument(long Id, long Index);

/// <summary>How far the project is.</summary>
internal sealed record CountsDocument(
    long Pictures, long Todo, long Done, long Checked, long Rejected, long Missing, long Objects, double Seconds);

/// <summary>The project.</summary>
internal sealed record ProjectDocument(
    string Name, string Folder, IReadOnlyList<ClassDocument> Classes, CountsDocument Counts, string Model);

/// <summary>A line of a picture's history.</summary>
internal sealed record HistoryEntry(long Version, string How, string Who, DateTime When, bool Undone);

/// <summary>A picture's history.</summary>
internal sealed record HistoryDocument(IReadOnlyList<HistoryEntry> Entries);

/// <summary>The picture as the service knows it, for prompts.</summary>
internal sealed record EmbedDocument(string ImageId, int Width, int Height);

/// <summary>Who has a picture open.</summary>
internal sealed record PresenceDocument(IReadOnlyList<string> OpenBy);

/// <summary>What an import gave.</summary>
internal sealed record ImportDocument(int Pictures, int Objects, IReadOnlyList<string> ClassesAdded, IReadOnlyList<SkippedDocument> Skipped);

/// <summary>A picture that an import has no place for.</summary>
internal sealed record SkippedDocument(string Name, string Why);

/// <summary>Objects to find others like.</summary>
/// <param name="PictureId">Their picture.</param>
/// <param name="ObjectIds">The objects.</param>
/// <param name="Scope"><c>picture</c>: where to look.</param>
/// <param name="Threshold">How alike others must be, 0 to 1.</param>
internal sealed record SimilarRequest(long PictureId, IReadOnlyList<long>? ObjectIds, string? Scope, double Threshold = SimilarObjects.DefaultThreshold);

/// <summary>A mask that is like the objects.</summary>
internal sealed record SimilarFound(long PictureId, RleDocument Rle, float Similarity);

/// <summary>All of them, the most alike first.</summary>
internal sealed record SimilarDocument(IReadOnlyList<SimilarFound> Found, int Count);

/// <summary>Something that happened, for all who look.</summary>
/// <param name="Kind"><c>picture</c>, <c>presence</c>, <c>classes</c> or <c>pictures</c>.</param>
/// <param name="Id">The picture.</param>
/// <param name="Version">Its version.</param>
/// <param name="By">Who did it.</param>
/// <param name="Tab">The page that did it.</param>
/// <param name="OpenBy">Who has it open.</param>
internal sealed record ProjectEvent(
    string Kind, long? Id = null, long? Version = null, string? By = null, string? Tab = null, IReadOnlyList<string>? OpenBy = null);

/// <summary>A picture was changed by somebody else since.</summary>
internal sealed record ConflictDocument(
    string Type, string Title, int Status, string Detail, string Code, long Version, string By, DateTime When,
    IReadOnlyList<ObjectDocument> Objects);

/// <summary>A step of the history: what an object or the picture was and became.</summary>
/// <param name="Before">The object before; null where it was added.</param>
/// <param name="After">The object after; null where it was removed.</param>
/// <param name="StateBefore">The picture's state and comment before, of steps that change these.</param>
/// <param name="StateAfter">And after.</param>
internal sealed record HistoryStep(ObjectDocument? Before, ObjectDocument? After, string[]? StateBefore = null, string[]? StateAfter = null);

[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.Never)]
[JsonSerializable(typeof(ProjectDocument))]
[JsonSerializable(typeof(PicturesDocument))]
[JsonSerializable(typeof(OpenedDocument))]
[JsonSerializable(typeof(ChangesRequest))]
[JsonSerializable(typeof(ChangesDocument))]
[JsonSerializable(typeof(ClassRequest))]
[JsonSerializable(typeof(ClassDocument))]
[JsonSerializable(typeof(NextDocument))]
[JsonSerializable(typeof(HistoryDocument))]
[JsonSerializable(typeof(HistoryStep[]))]
[JsonSerializable(typeof(EmbedDocument))]
[JsonSerializable(typeof(PresenceDocument))]
[JsonSerializable(typeof(ImportDocument))]
[JsonSerializable(typeof(SimilarRequest))]
[JsonSerializable(typeof(SimilarDocument))]
[JsonSerializable(typeof(ProjectEvent))]
[JsonSerializable(typeof(ConflictDocument))]
internal sealed partial class LabelJson : JsonSerializerContext;
