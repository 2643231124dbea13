using PocketSam.Server.Jobs;

namespace PocketSam.Server.Images;

/// <summary>
/// Chooses the grounder for texts: the host's registered one, else one over the model's own words, if it has any.
/// </summary>
internal sealed class TextOffer(PocketSamModel model, IEnumerable<ITextGrounder> grounders)
{
    private const int NumbersOfWord = 2;

    private readonly ITextGrounder? _registered = grounders.LastOrDefault();

    private volatile Own? _own;

    /// <summary>The grounder for pictures of a model; null if there is none.</summary>
    public ITextGrounder? GrounderOf(Sam sam) => _registered ?? (sam.Words is null ? null : OwnOf(sam));

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
