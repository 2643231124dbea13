using System.Globalization;
using PocketSam.Training.Evaluation;

namespace PocketSam.Cli.Measures;

/// <summary>The measures of the papers.</summary>
internal enum MeasureKind
{
    CocoAp,
    LvisAp,
    Points,
    Proposals,
    EverythingMiou,
    Edges,
    Similar,
}

/// <summary>A measure as <c>--protocol</c> names it.</summary>
/// <param name="Kind">Which.</param>
/// <param name="Clicks">Of <c>points-N</c>.</param>
internal readonly record struct MeasureName(MeasureKind Kind, int Clicks = 0)
{
    private const string PointsPrefix = "points-";

    private static readonly Dictionary<string, MeasureKind> Names = new()
    {
        ["coco-ap"] = MeasureKind.CocoAp, ["lvis-ap"] = MeasureKind.LvisAp, ["proposals"] = MeasureKind.Proposals,
        ["everything-miou"] = MeasureKind.EverythingMiou, ["edges"] = MeasureKind.Edges,
        ["similar"] = MeasureKind.Similar,
    };

    /// <summary>All names, for help and messages.</summary>
    public static string All => $"{string.Join(", ", Names.Keys)}, {PointsPrefix}1 to {PointsPrefix}{MeasureOptions.MaxClicks}";

    /// <summary>A measure's name, or null for a list of prompts.</summary>
    /// <exception cref="FormatException">A measure stands in a list, or there are no clicks of that number.</exception>
    public static MeasureName? Parse(string? text)
    {
        if (text is null)
            return null;
        string[] names = text.Split(',', StringSplitOptions.TrimEntries);
        if (!names.Any(name => Names.ContainsKey(name) || name.StartsWith(PointsPrefix, StringComparison.Ordinal)))
            return null;
        if (names is not [var only])
            throw new FormatException($"'{text}': a measure ({All}) stands alone");
        if (Names.TryGetValue(only, out MeasureKind kind))
            return new MeasureName(kind);
        return int.TryParse(only.AsSpan(PointsPrefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out int clicks)
            && clicks is >= 1 and <= MeasureOptions.MaxClicks
            ? new MeasureName(MeasureKind.Points, clicks)
            : throw new FormatException($"'{only}' is no measure; there are {All}");
    }
}
