using System.Globalization;
using System.IO.Enumeration;

namespace PocketSam.Training.Optimization;

/// <summary>How fast the weights of some keys learn.</summary>
/// <param name="Pattern">State-dict keys; <c>*</c> stands for any text, <c>?</c> for one character.</param>
/// <param name="Factor">Of the learning rate; 0 freezes them. 0 to 100.</param>
public sealed record KeyRate(string Pattern, float Factor)
{
    /// <summary>Reads <c>PATTERN=FACTOR</c>, for instance <c>image_encoder.blocks.*=0.1</c>.</summary>
    /// <exception cref="FormatException">The text is not of that form, or the factor is out of range.</exception>
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

    /// <summary>Whether a key is one of them.</summary>
    public bool Matches(string key) => FileSystemName.MatchesSimpleExpression(Pattern, key, ignoreCase: false);

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Pattern}={Factor}");
}
