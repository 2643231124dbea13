namespace PocketSam.Labelling.Api;

/// <summary>Texts that people send.</summary>
internal static class Words
{
    /// <summary>The text without control characters and halves of pairs, without white space around it, cut to a length.</summary>
    public static string Clean(string text, int maxLength)
    {
        string clean = string.Concat(text.EnumerateRunes().Where(rune => !System.Text.Rune.IsControl(rune) && rune.Value != 0xFFFD)
            .Select(rune => rune.ToString())).Trim();
        if (clean.Length <= maxLength)
            return clean;
        int end = char.IsHighSurrogate(clean[maxLength - 1]) ? maxLength - 1 : maxLength;
        return clean[..end].TrimEnd();
    }

    /// <summary>A text as it was sent, if it is not too long and the database can hold it.</summary>
    /// <exception cref="LabelException">It is too long, or holds what is no text.</exception>
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
