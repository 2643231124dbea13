using System.Globalization;
using PocketSam.Training.Evaluation;

namespace PocketSam.Cli.Measures;

/// <summary>The measures from papers.</summary>
internal enum MeasureKind
{
    CocoAp,
    LvisAp,
    Points,
    Noc,
    Proposals,
    EverythingMiou,
    Edges,
    Similar,
}

/// <summary>A measure as named by <c>--protocol</c>.</summary>
/// <param name="Kind">The kind of measure.</param>
/// <param name="Clicks">The number N of <c>points-N</c> and <c>noc-N</c>.</param>
internal readonly record struct MeasureName(MeasureKind Kind, int Clicks = 0)
{
    /// <summary>Measures whose names end in a number of clicks.</summary>
    private static readonly (string Prefix, MeasureKind Kind)[] Counted = [("points-", MeasureKind.Points), ("noc-", MeasureKind.Noc)];

    private static readonly Dictionary<string, MeasureKind> Names = new()
    {
        ["coco-ap"] = MeasureKind.CocoAp, ["lvis-ap"] = MeasureKind.LvisAp, ["proposals"] = MeasureKind.Proposals,
        ["everything-miou"] = MeasureKind.EverythingMiou, ["edges"] = MeasureKind.Edges,
        ["similar"] = MeasureKind.Similar,
    };

    /// <summary>All names, for help and messages.</summary>
    public static string All => string.Join(
        ", ", Names.Keys.Concat(Counted.Select(counted => $"{counted.Prefix}1 to {counted.Prefix}{MeasureOptions.MaxClicks}")));

    /// <summary>Parses the name of a measure; null for a list of protocols.</summary>
    /// <exception cref="FormatException">A measure is part of a list, or the number of clicks is out of
    /// range.</exception>
    public static MeasureName? Parse(string? text)
    {
        if (text is null)
            return null;
        string[] names = text.Split(',', StringSplitOptions.TrimEntries);
        if (!names.Any(name => Names.ContainsKey(name) || PrefixOf(name) is not null))
            return null;
        if (names is not [var only])
            throw new FormatException($"'{text}': a measure ({All}) stands alone");
        if (PrefixOf(only) is not var (prefix, counted))
            return new MeasureName(Names[only]);
        return int.TryParse(only.AsSpan(prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out int clicks)
            && clicks is >= 1 and <= MeasureOptions.MaxClicks
            ? new MeasureName(counted, clicks)
            : throw new FormatException($"'{only}' is no measure; there are {All}");
    }

    private static (string Prefix, MeasureKind Kind)? PrefixOf(string name)
    {
        foreach ((string Prefix, MeasureKind Kind) counted in Counted)
        {
            if (name.StartsWith(counted.Prefix, StringComparison.Ordinal))
                return counted;
        }

        return null;
    }
}
