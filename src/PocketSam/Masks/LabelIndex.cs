namespace PocketSam.Masks;

/// <summary>
/// The distinct labels of masks: first those of a given list, then others by first occurrence. Formats that number
/// classes use its order. The label of a mask is its <see cref="Annotation.ClassName"/>.
/// </summary>
internal sealed class LabelIndex
{
    private readonly List<string> _names = [];
    private readonly Dictionary<string, int> _places = new(StringComparer.Ordinal);

    /// <summary>Collects the labels of masks.</summary>
    /// <param name="masks">The masks.</param>
    /// <param name="first">Labels to put first, used or not; null for none.</param>
    public LabelIndex(IEnumerable<Annotation> masks, IEnumerable<string>? first = null)
    {
        foreach (string name in first ?? [])
            Add(name);
        foreach (Annotation mask in masks)
            Add(mask.ClassName);
        if (_names.Count == 0)
            Add(Annotation.Unlabelled);
    }

    /// <summary>The labels, at least one.</summary>
    public IReadOnlyList<string> Names => _names;

    /// <summary>The index of a mask's label in <see cref="Names"/>.</summary>
    public int Of(Annotation mask) => _places[mask.ClassName];

    private void Add(string name)
    {
        if (_places.TryAdd(name, _names.Count))
            _names.Add(name);
    }
}
