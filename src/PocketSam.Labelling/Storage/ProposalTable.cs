using PocketSam.Labelling.Api;

namespace PocketSam.Labelling.Storage;

/// <summary>Proposals: masks that nobody has decided on.</summary>
internal static class ProposalTable
{
    /// <summary>The source of proposals for all pictures.</summary>
    public const string Everything = "everything";

    /// <summary>
    /// The sources of searches for similar objects and by words, whose proposals are shown with the search.
    /// </summary>
    public const string Similar = "similar", Words = "words";

    /// <summary>All sources.</summary>
    public static readonly string[] Sources = [Everything, Similar, Words];

    /// <summary>The lowest IoU of two masks that count as the same object.</summary>
    private const double SameIou = 0.8;

    /// <summary>Whether two masks of a picture count as the same object.</summary>
    public static bool IsSame(Rle one, Rle other) => Rle.Iou(one, other) >= SameIou;

    /// <summary>The open proposals of a picture from one source, the highest score first.</summary>
    public static async Task<ProposalsDocument> OfAsync(DbSession session, long pictureId, string source)
    {
        await PictureTable.GetAsync(session, pictureId);
        return new ProposalsDocument(await session.QueryAsync(
            "SELECT id, height, width, counts, score, class_id, sure, guess FROM proposals WHERE picture_id = @id AND state = 'open' AND source = @source ORDER BY score DESC, id",
            row => new ProposalDocument(
                row.GetInt64(0), new RleDocument([(int)row.GetInt64(1), (int)row.GetInt64(2)], row.GetString(3)), row.GetDouble(4),
                row.IsDBNull(5) ? null : row.GetInt64(5), row.GetInt64(6) != 0, row.IsDBNull(7) ? null : row.GetDouble(7)),
            ("id", pictureId), ("source", source)));
    }

    /// <summary>The number of open proposals of a picture, without those of searches.</summary>
    public static async Task<long> CountAsync(DbSession session, long pictureId) => await session.NumberAsync(
        "SELECT count(*) FROM proposals WHERE picture_id = @id AND state = 'open' AND source = @source",
        ("id", pictureId), ("source", Everything)) ?? 0;

    /// <summary>Dismisses a proposal.</summary>
    /// <exception cref="LabelException">The picture has no such open proposal.</exception>
    public static async Task DismissAsync(DbSession session, long pictureId, long id)
    {
        int found = await session.ExecuteAsync(
            "UPDATE proposals SET state = 'dismissed' WHERE id = @id AND picture_id = @picture AND state = 'open'",
            ("id", id), ("picture", pictureId));
        if (found == 0)
            throw new LabelException(404, "proposal_unknown", $"the picture has no open proposal {id}");
    }
}
