namespace PocketSam.Checkpoints.Torch;

/// <summary>
/// A harmless class, function or object that the state dict does not need: options, numpy's numbers, sets. It accepts
/// all items and attributes and keeps none.
/// </summary>
/// <param name="Name">Its qualified name in Python.</param>
internal sealed record PickledObject(string Name);
