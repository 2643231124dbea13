namespace PocketSam.Labelling.Storage;

/// <summary>A filter of the list of pictures.</summary>
/// <param name="State">The state of the pictures; null for all.</param>
/// <param name="Search">A part of the name, case-insensitive; null for all.</param>
/// <param name="ClassId">The class that a picture must have an object of; null for all.</param>
internal sealed record PictureFilter(string? State = null, string? Search = null, long? ClassId = null)
{
    /// <summary>The SQL condition on <c>pictures p</c>, and its parameters.</summary>
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
