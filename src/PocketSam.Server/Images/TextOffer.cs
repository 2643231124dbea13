using PocketSam.Server.Jobs;

namespace PocketSam.Server.Images;

/// <summary>What understands words: the grounder that the host has registered, else a model's own words, if it has any.</summary>
internal sealed class TextOffer(PocketSamModel model, IEnumerable<ITextGrounder> grounders)
{
    private const int NumbersOfWord = 2;

    private readonly ITextGrounder? _registered = grounders.LastOrDefault();

    private volatile Own? _own;

    /// <summary>What understands words on pictures of a model; null where none are understood.</summary>
    public ITextGrounder? GrounderOf(Sam sam) => _registered ?? (sam.Words is null ? null : OwnOf(sam));

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
