using System.Text.Json;
using System.Text.Json.Serialization;

namespace PocketSam.Labelling.Api;

/// <summary>The project as a whole.</summary>
internal sealed record ProjectDocument(
    string Name, string Folder, IReadOnlyList<ClassDocument> Classes, CountsDocument Counts, ModelDocument Model, bool ReadOnly);

/// <summary>The model in use.</summary>
/// <param name="Name">The name of its file, without folders.</param>
/// <param name="Fingerprint">The fingerprint of its image encoder.</param>
/// <param name="Improved">Whether it is fine-tuned for the project, so that one can go back to the model before
/// it.</param>
internal sealed record ModelDocument(string Name, string Fingerprint, bool Improved);

/// <summary>
/// Numbers of pictures, by state, and of objects; the sum of the working times that pages report, in seconds.
/// </summary>
internal sealed record CountsDocument(
    long Pictures, long Todo, long Done, long Checked, long Rejected, long Missing, long Objects, double Seconds);

/// <summary>A class of objects.</summary>
/// <param name="Id">Its id, which never changes.</param>
/// <param name="Name">Its name.</param>
/// <param name="Color"><c>#rrggbb</c></param>
/// <param name="Key">The key that selects it, <c>1</c> to <c>9</c>; null for none.</param>
/// <param name="Objects">The number of its objects.</param>
internal sealed record ClassDocument(long Id, string Name, string Color, string? Key, long Objects);

/// <summary>A page of the list of pictures; <paramref name="Total"/> counts the whole list.</summary>
internal sealed record PicturesDocument(long Total, IReadOnlyList<PictureDocument> Pictures);

/// <summary>A picture.</summary>
internal record PictureDocument(
    long Id, string Name, long Width, long Height, string State, string Comment, long Objects, long Proposals, long Version, string Status)
{
    /// <summary>Names of the people who have the picture open.</summary>
    public IReadOnlyList<string> OpenBy { get; init; } = [];
}

/// <summary>A picture with its objects.</summary>
internal sealed record PictureDetailDocument(
    long Id, string Name, long Width, long Height, string State, string Comment, IReadOnlyList<ObjectDocument> Objects, long Proposals,
    long Version, string Status, IReadOnlyList<string> OpenBy, string? ImageId, bool CanUndo, bool CanRedo);

/// <summary>A mask in COCO's run-length encoding.</summary>
/// <param name="Size">Height and width, in pixels.</param>
/// <param name="Counts">The run lengths as COCO's compressed string.</param>
internal sealed record RleDocument(IReadOnlyList<int> Size, string Counts);

/// <summary>An object of a picture.</summary>
internal sealed record ObjectDocument(
    long Id, long ClassId, RleDocument Rle, JsonElement Attributes, string Made, string Who, string When, double? Score);

/// <summary>The next picture and its index in the filtered list, from 0.</summary>
internal sealed record NextDocument(long Id, long Index);

/// <summary>A picture that is in the service, encoded or waiting for it. Size in pixels.</summary>
internal sealed record EmbeddedDocument(string ImageId, long Width, long Height);

/// <summary>
/// Changes of a picture, made together or not at all; <paramref name="Seconds"/> is the working time.
/// </summary>
internal sealed record ChangesRequest(long BaseVersion, IReadOnlyList<ChangeRequest> Changes, string? How = null, double? Seconds = null);

/// <summary>One change: <c>add</c>, <c>update</c>, <c>remove</c> or <c>state</c>.</summary>
internal sealed record ChangeRequest(
    string Op, long? Id = null, ObjectRequest? Object = null, string? State = null, string? Comment = null, long? Proposal = null);

/// <summary>The values of an object; null leaves a value as it is.</summary>
internal sealed record ObjectRequest(
    long? ClassId = null, Rle? Rle = null, JsonElement? Attributes = null, string? Made = null, double? Score = null);

/// <summary>The version of the picture that an undo or redo starts from.</summary>
internal sealed record UndoRequest(long BaseVersion);

/// <summary>A picture after a change.</summary>
internal sealed record ChangesDocument(
    long Version, IReadOnlyList<ObjectDocument> Objects, string State, string Comment, bool CanUndo, bool CanRedo);

/// <summary>The history of a picture, oldest entry first.</summary>
internal sealed record HistoryDocument(IReadOnlyList<HistoryEntryDocument> Entries);

/// <summary>An entry of the history.</summary>
internal sealed record HistoryEntryDocument(long Version, string How, string Who, string When, bool Undone);

/// <summary>The values of a class; null leaves a value as it is.</summary>
internal sealed record ClassRequest(string? Name = null, string? Color = null, string? Key = null);

/// <summary>Names of the people who have a picture open.</summary>
internal sealed record PresenceDocument(IReadOnlyList<string> OpenBy);

/// <summary>Masks that nobody has decided on.</summary>
internal sealed record ProposalsDocument(IReadOnlyList<ProposalDocument> Proposals);

/// <summary>
/// A mask that nobody has decided on, with its predicted IoU or similarity, 0 to 1. <paramref name="Guess"/> is the
/// probability of the guessed class, which is null if the guess is unsure.
/// </summary>
internal sealed record ProposalDocument(long Id, RleDocument Rle, double Score, long? ClassId, bool Sure, double? Guess);

/// <summary>
/// Search for objects similar to given ones; <paramref name="Threshold"/> is the lowest similarity, 0 to 1.
/// </summary>
internal sealed record SimilarRequest(long PictureId, IReadOnlyList<long> ObjectIds, string Scope, double Threshold);

/// <summary>Search for objects by words.</summary>
/// <param name="Text">The phrases, separated by commas.</param>
/// <param name="Scope"><c>picture</c> or <c>all</c>.</param>
/// <param name="PictureId">The picture; with scope <c>all</c>, the picture that is searched first, or null.</param>
internal sealed record WordsRequest(string Text, string Scope, long? PictureId = null);

/// <summary>The result of a search; its masks are stored as proposals of their pictures.</summary>
/// <param name="Found">The masks, picture by picture.</param>
/// <param name="Count">The number of masks.</param>
/// <param name="Unreadable">The number of pictures that cannot be read.</param>
internal sealed record SearchResult(IReadOnlyList<FoundDocument> Found, long Count, long Unreadable)
{
    /// <summary>The phrases of which no picture has an object; null for a search without words.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? NotFound { get; init; }
}

/// <summary>A mask that a search has found.</summary>
/// <param name="PictureId">The id of its picture.</param>
/// <param name="ProposalId">The id of its proposal.</param>
/// <param name="Score">Its similarity, or its score for the phrase, 0 to 1.</param>
/// <param name="ClassId">Its class; null if unknown.</param>
internal sealed record FoundDocument(long PictureId, long ProposalId, double Score, long? ClassId)
{
    /// <summary>The phrase that it is found by; null for a search without words.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Phrase { get; init; }
}

/// <summary>The longest time to improve a model, in minutes; null for ten.</summary>
internal sealed record ImproveRequest(double? Minutes = null);

/// <summary>The result of improving the model.</summary>
/// <param name="Better">Whether the new model is better, and offered.</param>
/// <param name="Before">Figures of the model in use, on held-out pictures.</param>
/// <param name="After">Figures of the new model on the same pictures.</param>
/// <param name="Pictures">The held-out pictures.</param>
/// <param name="ModelFile">The new model's file name; null if it is not better, and not kept.</param>
/// <param name="Learned">The number of pictures trained on.</param>
/// <param name="Objects">The number of objects measured.</param>
internal sealed record ImproveResult(
    bool Better, FiguresDocument Before, FiguresDocument After, IReadOnlyList<ImprovedPicture> Pictures, string? ModelFile, int Learned, int Objects);

/// <summary>Mean IoU of the mask of a box prompt, and of the mask shown first for one click, 0 to 1.</summary>
internal sealed record FiguresDocument(double Box, double Click);

/// <summary>A held-out picture with the mean IoU of its objects before and after, 0 to 1.</summary>
internal sealed record ImprovedPicture(long? Id, string Name, double Before, double After, IReadOnlyList<ImprovedObject> Objects);

/// <summary>
/// An object of a held-out picture: the pixel [x, y] that is clicked, and the mask of each model for that click.
/// </summary>
internal sealed record ImprovedObject(IReadOnlyList<int> Point, RleDocument Before, RleDocument After);

/// <summary>All jobs since the start of the program.</summary>
internal sealed record JobsDocument(IReadOnlyList<JobDocument> Jobs);

/// <summary>A background job: <paramref name="Done"/> of <paramref name="Total"/> steps are done.</summary>
internal sealed record JobDocument(
    string Id, string Kind, string State, long Done, long Total, string Detail, string? Error, JsonElement? Result);

/// <summary>The result of an import.</summary>
internal sealed record ImportDocument(
    long Pictures, long Objects, IReadOnlyList<string> ClassesAdded, IReadOnlyList<SkippedDocument> Skipped);

/// <summary>Something that an import leaves out, and why.</summary>
internal sealed record SkippedDocument(string Name, string Why);

/// <summary>An event; members that its kind does not use are null and not written.</summary>
internal sealed record EventDocument(string Kind)
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? Id { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? Version { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? By { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Tab { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? OpenBy { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public JobDocument? Job { get; init; }
}
