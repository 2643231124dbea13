using PocketSam.Server.Jobs;

namespace PocketSam.Server.Images;

/// <summary>What understands words: the grounder that the host has registered, else the model's own words, if it has any.</summary>
internal sealed class TextOffer
{
    private const int NumbersOfWord = 2;

    private readonly Sam _sam;

    public TextOffer(Sam sam, IEnumerable<ITextGrounder> grounders)
    {
        _sam = sam;
        Grounder = grounders.LastOrDefault() ?? (sam.Words is null ? null : new WordGrounder(
            sam, WordGrounder.MasksFor(sam.Config) with { MemoryBudget = SearchMemory.Budget }));
    }

    /// <summary>Null where no words are understood.</summary>
    public ITextGrounder? Grounder { get; }

    /// <summary>What encodes: its embeddings keep words only where they are asked for, as they take memory.</summary>
    public Sam Encoder => KeepsWords ? _sam : _sam.WithoutWords();

    /// <summary>Whether the grounder asks embeddings for words.</summary>
    public bool KeepsWords => Grounder is WordGrounder;

    /// <summary>Memory of the words of an embedding of so many places: a number in the mask and in its ring for each word and for none.</summary>
    public long BytesOf(int places) => KeepsWords && _sam.Words is { } known ? (long)sizeof(float) * NumbersOfWord * (known.Words.Count + 1) * places : 0;
}
