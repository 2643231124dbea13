namespace PocketSam.Masks;

/// <summary>
/// The labels of masks, each once: first those of a list that is given, then others in the order in which they come first.
/// Formats that number classes count by it. Masks are called by their <see cref="Annotation.ClassName"/>.
/// </summary>
internal sealed class LabelIndex
{
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
            Add(mask.ClassName);
        if (_names.Count == 0)
            Add(Annotation.Unlabelled);
    }

    /// <summary>The labels; one at least.</summary>
    public IReadOnlyList<string> Names => _names;

    /// <summary>The place of a mask's label in <see cref="Names"/>.</summary>
    public int Of(Annotation mask) => _places[mask.ClassName];

    private void Add(string name)
    {
        if (_places.TryAdd(name, _names.Count))
            _names.Add(name);
    }
}
