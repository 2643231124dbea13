using System.Globalization;
using System.IO.Compression;
using System.Text.RegularExpressions;
using Microsoft.ML.Tokenizers;

namespace PocketSam.Text;

/// <summary>
/// CLIP's tokenizer (clip/simple_tokenizer.py): byte-pair encoding of lower-case words over a vocabulary of 49,408 tokens, which is
/// part of this library. Ids are OpenAI's for every text that needs no repair of its encoding: what the Python package ftfy
/// does (mojibake, ligatures, full-width letters, curly quotes) is left out. Immutable; any number of threads may use it.
/// </summary>
public sealed partial class ClipTokenizer
{
    /// <summary>Token ids of CLIP's vocabulary.</summary>
    public const int DefaultVocabularySize = 49_408;

    private const string Resource = "PocketSam.Text.bpe_simple_vocab_16e6.txt.gz";
    private const string EndOfWord = "</w>";
    private const string Start = "<|startoftext|>", End = "<|endoftext|>";
    private const int Bytes = 256, SpecialTokens = 2;

    /// <summary>A text beyond this is cut before it is looked at: no token is longer than a word, and 77 are taken.</summary>
    private const int LongestText = 100_000;

    private static readonly Lazy<ClipTokenizer> LazyDefault = new(() => new ClipTokenizer());

    private readonly BpeTokenizer _tokenizer;

    /// <summary>A tokenizer over a vocabulary.</summary>
    /// <param name="vocabularySize">
    /// Token ids: 512 for bytes, one for each of the first merges, and two for start and end; 514 to 49,408. Published models have all.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">More than there are, or fewer than bytes need.</exception>
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

    /// <summary>That of all published models, made at the first use.</summary>
    public static ClipTokenizer Default => LazyDefault.Value;

    /// <summary>The id that every text begins with.</summary>
    public int StartToken { get; }

    /// <summary>The id that every text ends with, the largest there is.</summary>
    public int EndToken { get; }

    /// <summary>The token ids of a text, start and end included. One that is too long is cut, the end token last.</summary>
    /// <param name="text">The text; English is what the published models know.</param>
    /// <param name="contextLength">Ids at most, 2 or more.</param>
    public int[] Encode(string text, int contextLength = 77)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentOutOfRangeException.ThrowIfLessThan(contextLength, 2);
        string clean = TextCleaning.Clean(text.Length > LongestText ? text[..LongestText] : text);
        clean = clean.Replace("<start_of_text>", Start, StringComparison.Ordinal).Replace("<end_of_text>", End, StringComparison.Ordinal);
        IReadOnlyList<int> ids = clean.Length == 0 ? [] : _tokenizer.EncodeToIds(clean);
        return [StartToken, .. ids.Take(contextLength - 2), EndToken];
    }

    /// <summary>Printable bytes stand for themselves, the other 68 for U+0100 and on, in that order (GPT-2's map).</summary>
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
        reader.ReadLine(); // a head
        return [.. Enumerable.Range(0, count).Select(_ => reader.ReadLine() ?? throw new InvalidOperationException("the vocabulary ends early"))];
    }

    /// <summary>Special tokens, endings after an apostrophe, letters, single digits, anything else. The long s is an s where case is ignored.</summary>
    [GeneratedRegex(@"<\|startoftext\|>|<\|endoftext\|>|'[s\u017f]|'t|'re|'ve|'m|'ll|'d|\p{L}+|\p{N}|[^\s\p{L}\p{N}]+")]
    private static partial Regex Pieces();
}
