namespace PocketSam.Checkpoints.Torch;

/// <summary>
/// A class, a function or an object that is known to be harmless and not needed: options, numpy's numbers, sets. It
/// takes whatever is put into it and keeps nothing.
/// </summary>
/// <param name="Name">Python's name of it.</param>
internal sealed record PickledObject(string Name);
