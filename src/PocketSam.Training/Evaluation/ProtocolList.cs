namespace PocketSam.Training.Evaluation;

/// <summary>Parses lists of protocols, separated by commas.</summary>
internal static class ProtocolList
{
    /// <summary>Parses each name with <paramref name="parse"/>, in their order.</summary>
    /// <exception cref="FormatException">A name is unknown, or occurs twice.</exception>
    public static IReadOnlyList<T> Parse<T>(string text, Func<string, T> parse)
    {
        ArgumentNullException.ThrowIfNull(text);
        var protocols = new List<T>();
        foreach (string name in text.Split(',', StringSplitOptions.TrimEntries))
        {
            T protocol = parse(name);
            if (protocols.Contains(protocol))
                throw new FormatException($"evaluation protocol '{protocol}' is given twice");
            protocols.Add(protocol);
        }

        return protocols;
    }
}
