namespace PocketSam.Masks;

/// <summary>
/// The labels of masks, each once: first those of a list that is given, then others in the order in which they come first.
/// Formats that number classes count by it. Masks without a label are called "object".
/// </summary>
internal sealed class LabelIndex
{
    private const string Unlabelled = "object";

    private readonly List<string> _names = [];
    private readonly Dictionary<string, int> _places = new(StringComparer.Ordinal);

    /// <summary>Collects the labels of masks.</summary>
    /// <param name="masks">The masks.</param>
    /// <param name="first">Labels that come first, used or not; null for none.</param>
    public LabelIndex(IEnumerable<Annotation> masks, IEnumerable<string>? first = null)
    {
        foreach (string name in first ?? [])
            Add(name);
        foreach (Annotation mask in masks)
            Add(NameOf(mask));
        if (_names.Count == 0)
            Add(Unlabelled);
    }

    /// <summary>The labels; one at least.</summary>
    public IReadOnlyList<string> Names => _names;

    /// <summary>What a mask is called.</summary>
    public static string NameOf(Annotation mask)
        => string.IsNullOrWhiteSpace(mask.Label) ? Unlabelled : mask.Label.Trim();

    /// <summary>The place of a mask's label in <see cref="Names"/>.</summary>
    public int Of(Annotation mask) => _places[NameOf(mask)];

    private void Add(string name)
    {
        if (_places.TryAdd(name, _names.Count))
            _names.Add(name);
    }
}
