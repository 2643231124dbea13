using System.Text.Json;
using System.Text.Json.Serialization;

namespace PocketSam.Labelling.Api;

/// <summary>The project as a whole.</summary>
internal sealed record ProjectDocument(
    string Name, string Folder, IReadOnlyList<ClassDocument> Classes, CountsDocument Counts, ModelDocument Model, bool ReadOnly);

/// <summary>The model that clicks are answered by.</summary>
/// <param name="Name">Its name, without folders.</param>
/// <param name="Fingerprint">Of its encoder.</param>
/// <param name="Improved">Whether it was made for the project, so that one can go back.</param>
internal sealed record ModelDocument(string Name, string Fingerprint, bool Improved);

/// <summary>How much there is of everything, and the seconds of work that were told.</summary>
internal sealed record CountsDocument(
    long Pictures, long Todo, long Done, long Checked, long Rejected, long Missing, long Objects, double Seconds);

/// <summary>A class of objects.</summary>
/// <param name="Id">Its number, which never changes.</param>
/// <param name="Name">What it is called.</param>
/// <param name="Color"><c>#rrggbb</c></param>
/// <param name="Key"><c>1</c> to <c>9</c>, or none.</param>
/// <param name="Objects">How many objects are of it.</param>
internal sealed record ClassDocument(long Id, string Name, string Color, string? Key, long Objects);

/// <summary>A page of the list of pictures.</summary>
internal sealed record PicturesDocument(long Total, IReadOnlyList<PictureDocument> Pictures);

/// <summary>A picture.</summary>
internal record PictureDocument(
    long Id, string Name, long Width, long Height, string State, string Comment, long Objects, long Proposals, long Version, string Status)
{
    /// <summary>Who has it open.</summary>
    public IReadOnlyList<string> OpenBy { get; init; } = [];
}

/// <summary>A picture with its objects; their number is that of <paramref name="Objects"/>.</summary>
internal sealed record PictureDetailDocument(
    long Id, string Name, long Width, long Height, string State, string Comment, IReadOnlyList<ObjectDocument> Objects, long Proposals,
    long Version, string Status, IReadOnlyList<string> OpenBy, string? ImageId, bool CanUndo, bool CanRedo);

/// <summary>A mask as COCO writes it.</summary>
/// <param name="Size">Rows and pixels in a row.</param>
/// <param name="Counts">COCO's compressed string.</param>
internal sealed record RleDocument(IReadOnlyList<int> Size, string Counts);

/// <summary>An object of a picture.</summary>
internal sealed record ObjectDocument(
    long Id, long ClassId, RleDocument Rle, JsonElement Attributes, string Made, string Who, string When, double? Score);

/// <summary>The next picture and its place in the list that was asked for.</summary>
internal sealed record NextDocument(long Id, long Index);

/// <summary>A picture that takes prompts, or will.</summary>
internal sealed record EmbeddedDocument(string ImageId, long Width, long Height);

/// <summary>Changes of a picture, all of them or none.</summary>
internal sealed record ChangesRequest(long BaseVersion, IReadOnlyList<ChangeRequest> Changes, string? How = null, double? Seconds = null);

/// <summary>One change: <c>add</c>, <c>update</c>, <c>remove</c> or <c>state</c>.</summary>
internal sealed record ChangeRequest(
    string Op, long? Id = null, ObjectRequest? Object = null, string? State = null, string? Comment = null, long? Proposal = null);

/// <summary>What an object is to be; what is not given stays.</summary>
internal sealed record ObjectRequest(
    long? ClassId = null, Rle? Rle = null, JsonElement? Attributes = null, string? Made = null, double? Score = null);

/// <summary>Says which version of the picture is to be undone or redone.</summary>
internal sealed record UndoRequest(long BaseVersion);

/// <summary>A picture after a change.</summary>
internal sealed record ChangesDocument(
    long Version, IReadOnlyList<ObjectDocument> Objects, string State, string Comment, bool CanUndo, bool CanRedo);

/// <summary>What was done to a picture, the first first.</summary>
internal sealed record HistoryDocument(IReadOnlyList<HistoryEntryDocument> Entries);

/// <summary>A change that was made.</summary>
internal sealed record HistoryEntryDocument(long Version, string How, string Who, string When, bool Undone);

/// <summary>A class as it is to be; what is not given stays.</summary>
internal sealed record ClassRequest(string? Name = null, string? Color = null, string? Key = null);

/// <summary>Who has a picture open.</summary>
internal sealed record PresenceDocument(IReadOnlyList<string> OpenBy);

/// <summary>Masks that nobody has looked at yet.</summary>
internal sealed record ProposalsDocument(IReadOnlyList<ProposalDocument> Proposals);

/// <summary>A mask that nobody has looked at yet; with a guess it is of the class, or unsure where it has none.</summary>
internal sealed record ProposalDocument(long Id, RleDocument Rle, double Score, long? ClassId, bool Sure, double? Guess);

/// <summary>Objects to find others like, where, and how alike they must be, 0 to 1.</summary>
internal sealed record SimilarRequest(long PictureId, IReadOnlyList<long> ObjectIds, string Scope, double Threshold);

/// <summary>Words to find in a picture, or in all.</summary>
/// <param name="Text">What is looked for, with commas between phrases.</param>
/// <param name="Scope"><c>picture</c> or <c>all</c>.</param>
/// <param name="PictureId">The picture; of all, the one that is looked at first, if that matters.</param>
internal sealed record WordsRequest(string Text, string Scope, long? PictureId = null);

/// <summary>What a search has found; the masks are among the proposals of their pictures.</summary>
/// <param name="Found">All of it, picture by picture.</param>
/// <param name="Count">How many there are.</param>
/// <param name="Unreadable">How many pictures could not be looked at.</param>
internal sealed record SearchResult(IReadOnlyList<FoundDocument> Found, long Count, long Unreadable)
{
    /// <summary>The phrases that mean nothing in the pictures that were looked at.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? NotFound { get; init; }
}

/// <summary>A mask that was found.</summary>
/// <param name="PictureId">Where.</param>
/// <param name="ProposalId">Its number among the proposals of the picture.</param>
/// <param name="Score">How much alike, or how sure it is what was asked for: 0 to 1.</param>
/// <param name="ClassId">Its class, if it is known.</param>
internal sealed record FoundDocument(long PictureId, long ProposalId, double Score, long? ClassId)
{
    /// <summary>The phrase that means it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Phrase { get; init; }
}

/// <summary>For how many minutes a model is to be improved at most; null for ten.</summary>
internal sealed record ImproveRequest(double? Minutes = null);

/// <summary>What improving the model gave.</summary>
/// <param name="Better">Whether the new model is offered.</param>
/// <param name="Before">Of the model in use, on pictures that were kept back.</param>
/// <param name="After">Of the new one.</param>
/// <param name="Pictures">The pictures that were kept back.</param>
/// <param name="ModelFile">The new model's file; null where it is not better, and was not kept.</param>
/// <param name="Learned">How many pictures were learned from.</param>
/// <param name="Objects">How many objects were measured.</param>
internal sealed record ImproveResult(
    bool Better, FiguresDocument Before, FiguresDocument After, IReadOnlyList<ImprovedPicture> Pictures, string? ModelFile, int Learned, int Objects);

/// <summary>Mean IoU of the masks that boxes give, and of those that are shown first for a click.</summary>
internal sealed record FiguresDocument(double Box, double Click);

/// <summary>A picture that was kept back, with the mean IoU of its objects, and what one click on each gave and gives.</summary>
internal sealed record ImprovedPicture(long? Id, string Name, double Before, double After, IReadOnlyList<ImprovedObject> Objects);

/// <summary>An object, where it was clicked, and the masks of that click.</summary>
internal sealed record ImprovedObject(IReadOnlyList<int> Point, RleDocument Before, RleDocument After);

/// <summary>All jobs of this run.</summary>
internal sealed record JobsDocument(IReadOnlyList<JobDocument> Jobs);

/// <summary>Work in the background.</summary>
internal sealed record JobDocument(
    string Id, string Kind, string State, long Done, long Total, string Detail, string? Error, JsonElement? Result);

/// <summary>What an import brought.</summary>
internal sealed record ImportDocument(
    long Pictures, long Objects, IReadOnlyList<string> ClassesAdded, IReadOnlyList<SkippedDocument> Skipped);

/// <summary>What an import left out, and why.</summary>
internal sealed record SkippedDocument(string Name, string Why);

/// <summary>Something that happened; what does not belong to its kind is not written.</summary>
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
