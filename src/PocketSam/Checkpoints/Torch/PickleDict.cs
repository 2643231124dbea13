namespace PocketSam.Checkpoints.Torch;

/// <summary>
/// A dictionary of a pickle, in order. Only string keys can be looked up; others are kept without comparison, which a
/// pickle could make endless.
/// </summary>
internal sealed class PickleDict
{
    // Allocated on demand: a pickle can contain a million empty dictionaries.
    private List<KeyValuePair<object?, object?>>? _items;
    private Dictionary<string, int>? _places;

    public IReadOnlyList<KeyValuePair<object?, object?>> Items => _items ?? [];

    public object? this[string key]
        => _places is not null && _places.TryGetValue(key, out int place) ? _items![place].Value : null;

    public void Set(object? key, object? value)
    {
        _items ??= [];
        var item = KeyValuePair.Create(key, value);
        if (key is not string name)
        {
            _items.Add(item);
        }
        else if (_places is not null && _places.TryGetValue(name, out int place))
        {
            _items[place] = item;
        }
        else
        {
            (_places ??= []).Add(name, _items.Count);
            _items.Add(item);
        }
    }
}
