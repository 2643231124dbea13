namespace PocketSam.Checkpoints.Torch;

/// <summary>The meaning of the names in a pickle. The pickle cannot choose code to run.</summary>
internal interface IPickleVocabulary
{
    /// <summary>The value that stands for a Python class or function.</summary>
    /// <param name="name">Module and name, joined by a dot.</param>
    /// <param name="outermost">Whether it is the class of the pickle's own object.</param>
    /// <exception cref="RefusalException">The name is unknown.</exception>
    object Global(string name, bool outermost);

    /// <summary>The result of calling a value that <see cref="Global"/> returned.</summary>
    /// <exception cref="RefusalException">The value cannot be called, or not with these arguments.</exception>
    object? Call(object? function, object?[] arguments);

    /// <summary>A value outside the pickle.</summary>
    /// <exception cref="RefusalException">The identifier is invalid.</exception>
    object Persistent(object? id);
}
