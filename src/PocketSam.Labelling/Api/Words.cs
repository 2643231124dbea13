namespace PocketSam.Labelling.Api;

/// <summary>Checks texts from clients.</summary>
internal static class Words
{
    /// <summary>
    /// The text without control characters, invalid surrogates and white space at its ends, cut to
    /// <paramref name="maxLength"/> UTF-16 code units.
    /// </summary>
    public static string Clean(string text, int maxLength)
    {
        string clean = string.Concat(text.EnumerateRunes().Where(rune => !System.Text.Rune.IsControl(rune) && rune.Value != 0xFFFD)
            .Select(rune => rune.ToString())).Trim();
        if (clean.Length <= maxLength)
            return clean;
        int end = char.IsHighSurrogate(clean[maxLength - 1]) ? maxLength - 1 : maxLength;
        return clean[..end].TrimEnd();
    }

    /// <summary>The text unchanged, after a check that the database can store it.</summary>
    /// <exception cref="LabelException">It is longer than <paramref name="maxLength"/> UTF-16 code units, or has a NUL
    /// or an unpaired surrogate.</exception>
    public static string Require(string text, string what, int maxLength)
    {
        if (text.Length > maxLength)
            throw LabelException.Invalid($"{what} has {text.Length} characters: at most {maxLength} are taken");
        for (int i = 0; i < text.Length; i++)
        {
            bool isPair = char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]);
            if (text[i] == '\0' || (char.IsSurrogate(text[i]) && !isPair))
                throw LabelException.Invalid($"{what} holds a character that is none");
            i += isPair ? 1 : 0;
        }

        return text;
    }
}
