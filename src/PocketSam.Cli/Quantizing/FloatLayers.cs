using System.IO.Enumeration;
using PocketSam.Training.Quantization;

namespace PocketSam.Cli.Quantizing;

/// <summary>Which layers stay floats.</summary>
internal static class FloatLayers
{
    /// <summary>Those that a pattern names.</summary>
    /// <exception cref="UsageException">A pattern names none.</exception>
    public static string[] Named(IReadOnlyList<string> layers, string[] patterns, string option)
    {
        foreach (string pattern in patterns)
        {
            if (!layers.Any(layer => FileSystemName.MatchesSimpleExpression(pattern, layer, ignoreCase: false)))
                throw new UsageException($"{option} {pattern}: no layer that could compute with whole numbers has such a key");
        }

        return [.. layers.Where(layer => patterns.Any(pattern => FileSystemName.MatchesSimpleExpression(pattern, layer, ignoreCase: false)))];
    }

    /// <summary>
    /// As few of the most sensitive layers as will do, beside those that are floats anyway: numbers of layers are doubled until
    /// <paramref name="holds"/>, then halved in between.
    /// </summary>
    /// <param name="layers">What each layer costs.</param>
    /// <param name="named">Floats anyway.</param>
    /// <param name="holds">Whether the budget holds with these as floats.</param>
    /// <returns>The layers; null where it does not hold with all of them.</returns>
    public static string[]? Fewest(IReadOnlyList<LayerSensitivity> layers, string[] named, Func<string[], bool> holds)
    {
        string[] worst = [.. layers.OrderByDescending(layer => layer.Error).Select(layer => layer.Layer).Except(named)];
        int enough = 0, tooFew = -1;
        while (!holds(With(enough)))
        {
            if (enough == worst.Length)
                return null;
            (tooFew, enough) = (enough, Math.Min(worst.Length, Math.Max(1, 2 * enough)));
        }

        while (enough - tooFew > 1)
        {
            int middle = (enough + tooFew) / 2;
            if (holds(With(middle)))
                enough = middle;
            else
                tooFew = middle;
        }

        return With(enough);

        string[] With(int count) => [.. named, .. worst[..count]];
    }
}
