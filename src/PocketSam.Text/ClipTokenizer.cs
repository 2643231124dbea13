using System.Globalization;
using System.IO.Compression;
using System.Text.RegularExpressions;
using Microsoft.ML.Tokenizers;

namespace PocketSam.Text;

/// <summary>
/// CLIP's tokenizer (clip/simple_tokenizer.py): byte-pair encoding of lower-case words with a vocabulary of 49,408
/// tokens, which is embedded in this library. Token ids equal OpenAI's for every text that the Python package ftfy
/// would not repair; that repair (mojibake, ligatures, full-width letters, curly quotes) is left out. Immutable and
/// thread-safe.
/// </summary>
public sealed partial class ClipTokenizer
{
    /// <summary>Number of token ids in CLIP's vocabulary.</summary>
    public const int DefaultVocabularySize = 49_408;

    private const string Resource = "PocketSam.Text.bpe_simple_vocab_16e6.txt.gz";
    private const string EndOfWord = "</w>";
    private const string Start = "<|startoftext|>", End = "<|endoftext|>";
    private const int Bytes = 256, SpecialTokens = 2;

    /// <summary>
    /// Longer texts are cut to this many characters before tokenization: a token is no longer than a word, and at most
    /// 77 are kept.
    /// </summary>
    private const int LongestText = 100_000;

    private static readonly Lazy<ClipTokenizer> LazyDefault = new(() => new ClipTokenizer());

    private readonly BpeTokenizer _tokenizer;

    /// <summary>Creates a tokenizer.</summary>
    /// <param name="vocabularySize">
    /// Number of token ids, 514 to 49,408: 512 for bytes, one for each of the first merges, and two for start and end.
    /// Published models have all.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">The size is not within 514 to 49,408.</exception>
    public ClipTokenizer(int vocabularySize = DefaultVocabularySize)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(vocabularySize, 2 * Bytes + SpecialTokens);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(vocabularySize, DefaultVocabularySize);
        (StartToken, EndToken) = (vocabularySize - 2, vocabularySize - 1);
        string[] characters = ByteCharacters();
        string[] merges = Merges(vocabularySize - 2 * Bytes - SpecialTokens);
        string[] tokens =
        [
            .. characters, .. characters.Select(c => c + EndOfWord), .. merges.Select(merge => merge.Replace(" ", "", StringComparison.Ordinal)),
        ];
        var special = new Dictionary<string, int>
        {
            [Start] = StartToken, [End] = EndToken,
        };
        _tokenizer = BpeTokenizer.Create(new BpeOptions(tokens.Select((token, id) => KeyValuePair.Create(token, id)).Concat(special))
        {
            Merges = merges,
            EndOfWordSuffix = EndOfWord,
            ByteLevel = true,
            PreTokenizer = new RegexPreTokenizer(Pieces(), special),
            SpecialTokens = special,
        });
    }

    /// <summary>The tokenizer of all published models, created at first use.</summary>
    public static ClipTokenizer Default => LazyDefault.Value;

    /// <summary>The id at the start of every text.</summary>
    public int StartToken { get; }

    /// <summary>The id at the end of every text, the largest of all.</summary>
    public int EndToken { get; }

    /// <summary>
    /// The token ids of a text, with start and end. A text that is too long is truncated, with the end token last.
    /// </summary>
    /// <param name="text">The text; the published models are trained on English.</param>
    /// <param name="contextLength">Largest number of ids, 2 or more.</param>
    public int[] Encode(string text, int contextLength = 77)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentOutOfRangeException.ThrowIfLessThan(contextLength, 2);
        string clean = TextCleaning.Clean(text.Length > LongestText ? text[..LongestText] : text);
        clean = clean.Replace("<start_of_text>", Start, StringComparison.Ordinal).Replace("<end_of_text>", End, StringComparison.Ordinal);
        IReadOnlyList<int> ids = clean.Length == 0 ? [] : _tokenizer.EncodeToIds(clean);
        return [StartToken, .. ids.Take(contextLength - 2), EndToken];
    }

    /// <summary>
    /// The character of each byte in GPT-2's map: printable bytes stand for themselves, the other 68 for U+0100 and up,
    /// in order.
    /// </summary>
    private static string[] ByteCharacters()
    {
        IEnumerable<int> printable = [.. Enumerable.Range('!', '~' - '!' + 1), .. Enumerable.Range(0xA1, 0xAC - 0xA1 + 1), .. Enumerable.Range(0xAE, 0xFF - 0xAE + 1)];
        return [.. printable.Concat(Enumerable.Range(Bytes, Bytes - printable.Count())).Select(c => ((char)c).ToString(CultureInfo.InvariantCulture))];
    }

    private static string[] Merges(int count)
    {
        using Stream stream = typeof(ClipTokenizer).Assembly.GetManifestResourceStream(Resource)
            ?? throw new InvalidOperationException("this build of PocketSam.Text has no vocabulary");
        using var unpacked = new GZipStream(stream, CompressionMode.Decompress);
        using var reader = new StreamReader(unpacked);
        reader.ReadLine(); // version line
        return [.. Enumerable.Range(0, count).Select(_ => reader.ReadLine() ?? throw new InvalidOperationException("the vocabulary ends early"))];
    }

    /// <summary>
    /// Splits a text into special tokens, endings after an apostrophe, words, single digits, and runs of anything else.
    /// U+017F (long s) matches s, as it does when Python ignores case.
    /// </summary>
    [GeneratedRegex(@"<\|startoftext\|>|<\|endoftext\|>|'[s\u017f]|'t|'re|'ve|'m|'ll|'d|\p{L}+|\p{N}|[^\s\p{L}\p{N}]+")]
    private static partial Regex Pieces();
}
