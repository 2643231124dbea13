using System.Globalization;
using System.IO.Enumeration;

namespace PocketSam.Training.Optimization;

/// <summary>The learning rate of the weights whose keys match a pattern.</summary>
/// <param name="Pattern">Pattern of state-dict keys; <c>*</c> matches any text, <c>?</c> one character.</param>
/// <param name="Factor">Factor of the learning rate, 0 to 100; 0 freezes the weights.</param>
public sealed record KeyRate(string Pattern, float Factor)
{
    /// <summary>Parses <c>PATTERN=FACTOR</c>, for instance <c>image_encoder.blocks.*=0.1</c>.</summary>
    /// <exception cref="FormatException">The text does not have this form, or the factor is out of range.</exception>
    public static KeyRate Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        int equals = text.LastIndexOf('=');
        if (equals < 1 || !float.TryParse(text.AsSpan(equals + 1), CultureInfo.InvariantCulture, out float factor)
            || !(factor is >= 0 and <= 100))
        {
            throw new FormatException($"'{text}': expected PATTERN=FACTOR, for instance image_encoder.blocks.*=0.1, the factor from 0 to 100");
        }

        return new KeyRate(text[..equals], factor);
    }

    /// <summary>Whether a key matches the pattern.</summary>
    public bool Matches(string key) => FileSystemName.MatchesSimpleExpression(Pattern, key, ignoreCase: false);

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Pattern}={Factor}");
}
