using System.Globalization;

namespace PocketSam.Training.Evaluation;

/// <summary>What decides the numbers of a measure, by name: what a report is made of beside the records of the pictures.</summary>
internal static class MeasureFacts
{
    public const string Measure = "measure", Model = "model", Data = "data", Protocols = "protocols", Everything = "everything";
    public const string PointsPerSide = "points a side", Clicks = "clicks";

    /// <summary>Those that all measures have.</summary>
    /// <param name="measure">The measure's name.</param>
    /// <param name="model">The model's name or file; null where results of others are counted.</param>
    /// <param name="data">The data set's file.</param>
    public static Dictionary<string, string> Of(string measure, string? model, string data)
    {
        var facts = new Dictionary<string, string> { [Measure] = measure };
        if (model is not null)
            facts[Model] = model;
        facts[Data] = data;
        return facts;
    }

    /// <summary>One of them.</summary>
    /// <exception cref="DataFormatException">It is not there.</exception>
    public static string Fact(this IReadOnlyDictionary<string, string> facts, string name)
        => facts.GetValueOrDefault(name) ?? throw new DataFormatException($"there is no '{name}' of what was measured");

    /// <summary>One that is a number.</summary>
    /// <exception cref="DataFormatException">It is not there, or not from 1 to <paramref name="most"/>.</exception>
    public static int Number(this IReadOnlyDictionary<string, string> facts, string name, int most)
        => int.TryParse(facts.Fact(name), NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= 1 && number <= most
            ? number : throw new DataFormatException($"'{name}' of what was measured is '{facts.Fact(name)}', not a number from 1 to {most}");

    /// <summary>Some of them, in this order.</summary>
    /// <exception cref="DataFormatException">One is not there.</exception>
    public static Dictionary<string, string> Only(this IReadOnlyDictionary<string, string> facts, params ReadOnlySpan<string> names)
    {
        var some = new Dictionary<string, string>();
        foreach (string name in names)
            some[name] = facts.Fact(name);
        return some;
    }

    /// <summary>A number as facts and reports have it.</summary>
    public static string Text(IFormattable number) => number.ToString(null, CultureInfo.InvariantCulture);
}
