namespace PocketSam.Labelling.Storage;

/// <summary>Which pictures of the list are meant.</summary>
/// <param name="State">Only those in this state.</param>
/// <param name="Search">Only those whose names hold this, whatever the case.</param>
/// <param name="ClassId">Only those with an object of this class.</param>
internal sealed record PictureFilter(string? State = null, string? Search = null, long? ClassId = null)
{
    /// <summary>The condition over <c>pictures p</c>, and its values.</summary>
    public (string Condition, (string Name, object? Value)[] Values) ToSql()
    {
        List<string> conditions = [];
        List<(string, object?)> values = [];
        if (State is not null)
        {
            conditions.Add("p.state = @state");
            values.Add(("state", State));
        }

        if (!string.IsNullOrEmpty(Search))
        {
            conditions.Add(@"p.folded LIKE @search ESCAPE '\'");
            string pattern = NaturalOrder.Fold(Search).Replace(@"\", @"\\", StringComparison.Ordinal)
                .Replace("%", @"\%", StringComparison.Ordinal).Replace("_", @"\_", StringComparison.Ordinal);
            values.Add(("search", $"%{pattern}%"));
        }

        if (ClassId is not null)
        {
            conditions.Add("EXISTS (SELECT 1 FROM objects o WHERE o.picture_id = p.id AND o.class_id = @class)");
            values.Add(("class", ClassId));
        }

        return (conditions.Count == 0 ? "1 = 1" : string.Join(" AND ", conditions), [.. values]);
    }
}
