using System.Globalization;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;

namespace PocketSam.Text;

/// <summary>
/// CLIP's text cleaning before tokenization (clip/simple_tokenizer.py): unescapes HTML twice, collapses white space to
/// single spaces, and lower-cases as Python does. The reference first repairs broken encodings with the Python package
/// ftfy (mojibake, ligatures, full-width letters, curly quotes); that is left out.
/// </summary>
internal static partial class TextCleaning
{
    /// <summary>
    /// The characters that HTML assigns to the numeric references 128 to 159 (HTML standard, 13.2.5.80).
    /// </summary>
    private const string Windows1252 = "\u20ac\u0081\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\u008d\u017d\u008f"
        + "\u0090\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\u009d\u017e\u0178";

    private static readonly string[] OldNames = ["amp", "lt", "gt", "quot", "AMP", "LT", "GT", "QUOT", "COPY", "REG"];

    /// <summary>The cleaned text.</summary>
    public static string Clean(string text)
        => Lower(WhiteSpace().Replace(Unescape(Unescape(text)).Trim(), " ").Trim());

    /// <summary>As Python's <c>html.unescape</c>; of named references only those of HTML 4.</summary>
    internal static string Unescape(string text)
        => text.Contains('&', StringComparison.Ordinal) ? Reference().Replace(text, m => Character(m.Groups[1].Value) ?? m.Value) : text;

    /// <summary>
    /// As Python's <c>str.lower</c>: a capital sigma at the end of a word becomes a final sigma, and a capital I with a
    /// dot becomes i and a combining dot.
    /// </summary>
    internal static string Lower(string text)
    {
        if (text.All(char.IsAscii))
            return text.ToLowerInvariant();
        var lower = new StringBuilder(text.Length);
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] == '\u03a3')
                lower.Append(Follows(text, i, -1) && !Follows(text, i, 1) ? '\u03c2' : '\u03c3');
            else if (text[i] == '\u0130')
                lower.Append("i\u0307");
            else if (char.IsSurrogatePair(text, i))
                lower.Append(Rune.ToLowerInvariant(new Rune(text[i], text[++i])).ToString());
            else
                lower.Append(char.ToLowerInvariant(text[i]));
        }

        return lower.ToString();
    }

    /// <summary>Whether a letter is adjacent in a direction, skipping marks, apostrophes and the like.</summary>
    private static bool Follows(string text, int place, int step)
    {
        for (int i = place + step; i >= 0 && i < text.Length; i += step)
        {
            UnicodeCategory category = char.GetUnicodeCategory(text[i]);
            if (category is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark or UnicodeCategory.Format
                or UnicodeCategory.ModifierLetter or UnicodeCategory.ModifierSymbol || text[i] is '\'' or '.' or ':' or '\u2019' or '\u00b7')
            {
                continue;
            }

            return category is UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter;
        }

        return false;
    }

    /// <summary>
    /// The character that a reference after an ampersand means, followed by the unused rest of the name; null if it
    /// means none.
    /// </summary>
    private static string? Character(string name)
    {
        if (name[0] == '#')
            return Numbered(name.TrimEnd(';'));
        if (name[^1] == ';' && Named(name[..^1]) is { } known)
            return known;

        // Names of the first HTML versions need no semicolon; the longest match counts.
        for (int length = name.TrimEnd(';').Length; length > 1; length--)
        {
            if (Named(name[..length]) is { } old && (OldNames.Contains(name[..length]) || old is [>= '\u00a0' and <= '\u00ff']))
                return old + name[length..];
        }

        return null;
    }

    private static string? Named(string name)
    {
        string lower = OldNames.Contains(name) ? name.ToLowerInvariant() : name, escaped = $"&{lower};", text = WebUtility.HtmlDecode(escaped);
        return text == escaped ? null : text;
    }

    private static string Numbered(string number)
    {
        bool isHex = number is [_, 'x' or 'X', ..];
        bool fits = uint.TryParse(
            number.AsSpan(isHex ? 2 : 1), isHex ? NumberStyles.AllowHexSpecifier : NumberStyles.None, CultureInfo.InvariantCulture, out uint code);
        if (!fits || code is 0 or > 0x10FFFF or (>= 0xD800 and <= 0xDFFF))
            return "\ufffd";
        if (code is >= 128 and < 160)
            return Windows1252[(int)code - 128].ToString();
        bool isNothing = code is < 9 or 11 or (>= 14 and < 32) or 127 or (>= 0xFDD0 and <= 0xFDEF) || (code & 0xFFFE) == 0xFFFE;
        return isNothing ? "" : new Rune(code).ToString();
    }

    [GeneratedRegex(@"&(#[0-9]+;?|#[xX][0-9a-fA-F]+;?|[^\t\n\f <&#;]{1,32};?)")]
    private static partial Regex Reference();

    [GeneratedRegex(@"[\s\x1c-\x1f]+")]
    private static partial Regex WhiteSpace();
}
