using System.Globalization;

namespace PocketSam.Training.Evaluation;

/// <summary>
/// The settings that determine the numbers of a measure, by name; with the records of the pictures they determine the
/// report.
/// </summary>
internal static class MeasureFacts
{
    public const string Measure = "measure", Model = "model", Data = "data", Protocols = "protocols", Everything = "everything";
    /// <summary>Whether objects are looked at closer: <c>yes</c>, or missing.</summary>
    public const string Zoom = "zoom";

    public const string PointsPerSide = "points a side", Clicks = "clicks";

    /// <summary>The settings that all measures have.</summary>
    /// <param name="measure">The measure's name.</param>
    /// <param name="model">The model's name or file; null if given results are evaluated.</param>
    /// <param name="data">The data set's file.</param>
    public static Dictionary<string, string> Of(string measure, string? model, string data)
    {
        var facts = new Dictionary<string, string> { [Measure] = measure };
        if (model is not null)
            facts[Model] = model;
        facts[Data] = data;
        return facts;
    }

    /// <summary>The value of a setting.</summary>
    /// <exception cref="DataFormatException">The setting is missing.</exception>
    public static string Fact(this IReadOnlyDictionary<string, string> facts, string name)
        => facts.GetValueOrDefault(name) ?? throw new DataFormatException($"there is no '{name}' of what was measured");

    /// <summary>The value of a setting that is a number.</summary>
    /// <exception cref="DataFormatException">
    /// The setting is missing, or not a number from 1 to <paramref name="most"/>.
    /// </exception>
    public static int Number(this IReadOnlyDictionary<string, string> facts, string name, int most)
        => int.TryParse(facts.Fact(name), NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= 1 && number <= most
            ? number : throw new DataFormatException($"'{name}' of what was measured is '{facts.Fact(name)}', not a number from 1 to {most}");

    /// <summary>The settings of the given names, in this order.</summary>
    /// <exception cref="DataFormatException">A setting is missing.</exception>
    public static Dictionary<string, string> Only(this IReadOnlyDictionary<string, string> facts, params ReadOnlySpan<string> names)
    {
        var some = new Dictionary<string, string>();
        foreach (string name in names)
            some[name] = facts.Fact(name);
        return some;
    }

    /// <summary>A number as text, independent of the culture.</summary>
    public static string Text(IFormattable number) => number.ToString(null, CultureInfo.InvariantCulture);
}
