using System.IO.Enumeration;
using PocketSam.Training.Quantization;

namespace PocketSam.Cli.Quantizing;

/// <summary>Chooses the layers that stay in floating point.</summary>
internal static class FloatLayers
{
    /// <summary>The layers whose keys match a pattern.</summary>
    /// <exception cref="UsageException">A pattern matches no layer.</exception>
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
    /// The named layers plus the fewest of the most sensitive ones for which the budget holds: doubles their number
    /// until <paramref name="holds"/>, then bisects.
    /// </summary>
    /// <param name="layers">The error of each layer.</param>
    /// <param name="named">Layers that stay in floating point in any case.</param>
    /// <param name="holds">Whether the budget holds with these layers in floating point.</param>
    /// <returns>The layers; null if the budget does not hold even with all of them.</returns>
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
