namespace PocketSam.Labelling;

/// <summary>Which pictures are shown.</summary>
/// <param name="State">Of this state of the review, or null.</param>
/// <param name="Search">With this in their name, or null.</param>
/// <param name="Class">With an object of this class, or null.</param>
internal sealed record PictureFilter(string? State, string? Search, long? Class)
{
    /// <summary>The condition on the table <c>p</c>, and its values.</summary>
    public (string Where, (string, object)[] Values) ToSql()
    {
        var where = new List<string> { "1" };
        var values = new List<(string, object)>();
        if (!string.IsNullOrEmpty(State))
        {
            where.Add("p.state = $state");
            values.Add(("$state", State));
        }

        if (!string.IsNullOrEmpty(Search))
        {
            where.Add("instr(lower(p.path), lower($search)) > 0");
            values.Add(("$search", Search));
        }

        if (Class is { } id)
        {
            where.Add("EXISTS (SELECT 1 FROM objects o WHERE o.picture_id = p.id AND o.class_id = $class)");
            values.Add(("$class", id));
        }

        return (string.Join(" AND ", where), [.. values]);
    }
}
