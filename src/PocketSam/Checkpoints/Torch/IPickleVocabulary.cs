namespace PocketSam.Checkpoints.Torch;

/// <summary>What the names in a pickle stand for. Nothing of it is code of the pickle's choice.</summary>
internal interface IPickleVocabulary
{
    /// <summary>The value that stands for a class or function of Python.</summary>
    /// <param name="name">Module and name, joined by a dot.</param>
    /// <param name="outermost">Whether the pickle's own object is to be of it.</param>
    /// <exception cref="RefusalException">It is not known.</exception>
    object Global(string name, bool outermost);

    /// <summary>What a call of a value that <see cref="Global"/> gave stands for.</summary>
    /// <exception cref="RefusalException">Cannot be called, or not with these arguments.</exception>
    object? Call(object? function, object?[] arguments);

    /// <summary>What lies outside of the pickle.</summary>
    /// <exception cref="RefusalException">The identifier is not understood.</exception>
    object Persistent(object? id);
}
