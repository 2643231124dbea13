namespace PocketSam.Checkpoints.Torch;

/// <summary>
/// An object of a model's class, kept as the class's name and the object's attributes. The class is not looked up and
/// nothing is called.
/// </summary>
/// <param name="name">Qualified name of its class in Python.</param>
internal sealed class PickledRecord(string name)
{
    public string Name { get; } = name;

    /// <summary>Its attributes; null until the pickle sets them, or if it has none.</summary>
    public PickleDict? State { get; set; }
}
