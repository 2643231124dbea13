using Microsoft.Extensions.Options;
using PocketSam.Server.Api;
using PocketSam.Server.Jobs;

namespace PocketSam.Server.Images;

/// <summary>What understands words: the grounder that the host has registered, else a model's own words, if it has any.</summary>
internal sealed class TextOffer(PocketSamModel model, IEnumerable<ITextGrounder> grounders, IOptions<PocketSamOptions> options)
{
    private const int NumbersOfWord = 2;
    private const int MaxPhraseLength = 200;

    private readonly ITextGrounder? _registered = grounders.LastOrDefault();

    private volatile Own? _own;

    /// <summary>What understands words on pictures of a model; null where none are understood.</summary>
    public ITextGrounder? GrounderOf(Sam sam) => _registered ?? (sam.Words is null ? null : OwnOf(sam));

    /// <summary>What understands words on pictures of the model that answers now.</summary>
    /// <exception cref="ApiException">None are understood.</exception>
    public ITextGrounder Require() => GrounderOf(model.Current) ?? throw new ApiException(
        404, "not_offered", "this service understands no words: its model knows none, and no CLIP was given");

    /// <summary>What is asked for, which the grounder understands.</summary>
    /// <exception cref="ApiException">A phrase is too long or not understood, or there are too many.</exception>
    /// <exception cref="PromptException">A phrase is empty.</exception>
    public IReadOnlyList<string> PhrasesOf(string asked, ITextGrounder grounder)
    {
        IReadOnlyList<string> phrases = TextPrompt.Split(asked);
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

    /// <summary>The model whose embeddings that grounder takes.</summary>
    public Sam MakerFor(Sam sam) => _registered is null ? sam : model.First;

    /// <summary>What encodes: its embeddings keep words only where they are asked for, as they take memory.</summary>
    public Sam EncoderOf(Sam sam) => KeepsWords(sam) ? sam : sam.WithoutWords();

    /// <summary>Whether the grounder asks embeddings for words.</summary>
    public bool KeepsWords(Sam sam) => GrounderOf(sam) is WordGrounder;

    /// <summary>Memory of the words of an embedding of so many places: a number in the mask and in its ring for each word and for none.</summary>
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
