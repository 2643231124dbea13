namespace PocketSam.Checkpoints.Torch;

/// <summary>
/// An object of a class of a model's, kept as what the pickle says of it: the class's name and the object's attributes. No class
/// is looked up, nothing is called.
/// </summary>
/// <param name="name">Python's name of its class.</param>
internal sealed class PickledRecord(string name)
{
    public string Name { get; } = name;

    /// <summary>Its attributes; null before the pickle tells them, and where it has none.</summary>
    public PickleDict? State { get; set; }
}
