using Microsoft.Extensions.Options;
using PocketSam.Server.Api;
using PocketSam.Server.Jobs;

namespace PocketSam.Server.Images;

/// <summary>
/// Chooses the grounder for texts: the host's registered one, else one over the model's own words, if it has any.
/// </summary>
internal sealed class TextOffer(PocketSamModel model, IEnumerable<ITextGrounder> grounders, IOptions<PocketSamOptions> options)
{
    private const int NumbersOfWord = 2;
    private const int MaxPhraseLength = 200;

    private readonly ITextGrounder? _registered = grounders.LastOrDefault();

    private volatile Own? _own;

    /// <summary>The grounder for pictures of a model; null if there is none.</summary>
    public ITextGrounder? GrounderOf(Sam sam) => _registered ?? (sam.Words is null ? null : OwnOf(sam));

    /// <summary>The grounder for pictures of the current model.</summary>
    /// <exception cref="ApiException">There is none.</exception>
    public ITextGrounder Require() => GrounderOf(model.Current) ?? throw new ApiException(
        404, "not_offered", "this service understands no words: its model knows none, and no CLIP was given");

    /// <summary>Splits a text into phrases and requires that the grounder understands them.</summary>
    /// <exception cref="ApiException">A phrase is too long or not understood, or there are too many.</exception>
    /// <exception cref="PromptException">A phrase is empty.</exception>
    public IReadOnlyList<string> PhrasesOf(string text, ITextGrounder grounder)
    {
        IReadOnlyList<string> phrases = TextPrompt.Split(text);
        int most = options.Value.MaxObjects;
        if (phrases.Count > most)
            throw ApiException.InvalidPrompt($"text has {phrases.Count} phrases: at most {most} are looked for");
        if (phrases.FirstOrDefault(phrase => phrase.Length > MaxPhraseLength) is { } phrase)
            throw ApiException.InvalidPrompt($"a phrase of text has {phrase.Length} characters: at most {MaxPhraseLength} are looked for");
        try
        {
            grounder.Validate(phrases);
            return phrases;
        }
        catch (PromptException e)
        {
            throw new ApiException(400, "words_unknown", e.Message);
        }
    }

    /// <summary>The model whose embeddings the grounder takes.</summary>
    public Sam MakerFor(Sam sam) => _registered is null ? sam : model.First;

    /// <summary>
    /// The model to encode with. Its embeddings contain word features, which take memory, only if the grounder uses
    /// them.
    /// </summary>
    public Sam EncoderOf(Sam sam) => KeepsWords(sam) ? sam : sam.WithoutWords();

    /// <summary>Whether the grounder uses the word features of embeddings.</summary>
    public bool KeepsWords(Sam sam) => GrounderOf(sam) is WordGrounder;

    /// <summary>
    /// Bytes of the word features of an embedding with this many places: two numbers (inside the mask, and in the ring
    /// around it) for each word and for "none".
    /// </summary>
    public long BytesOf(Sam sam, int places)
        => KeepsWords(sam) && sam.Words is { } known ? (long)sizeof(float) * NumbersOfWord * (known.Words.Count + 1) * places : 0;

    private WordGrounder OwnOf(Sam sam)
    {
        Own? own = _own;
        if (own?.Sam != sam)
            _own = own = new Own(sam, new WordGrounder(sam, WordGrounder.MasksFor(sam.Config) with { MemoryBudget = SearchMemory.Budget }));
        return own.Grounder;
    }

    private sealed record Own(Sam Sam, WordGrounder Grounder);
}
