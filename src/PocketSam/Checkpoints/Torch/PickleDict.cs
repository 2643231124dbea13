namespace PocketSam.Checkpoints.Torch;

/// <summary>
/// A dictionary of a pickle, in its order. Keys that are strings are found; others are kept as they come, so that no key
/// has to be compared, which a pickle could make endless.
/// </summary>
internal sealed class PickleDict
{
    private readonly List<KeyValuePair<object?, object?>> _items = [];
    private readonly Dictionary<string, int> _places = [];

    public IReadOnlyList<KeyValuePair<object?, object?>> Items => _items;

    public object? this[string key] => _places.TryGetValue(key, out int place) ? _items[place].Value : null;

    public void Set(object? key, object? value)
    {
        var item = KeyValuePair.Create(key, value);
        if (key is not string name)
        {
            _items.Add(item);
        }
        else if (_places.TryGetValue(name, out int place))
        {
            _items[place] = item;
        }
        else
        {
            _places.Add(name, _items.Count);
            _items.Add(item);
        }
    }
}
