namespace PocketSam.Labelling;

/// <summary>A change was made on a version of a picture that is not the last any more; nothing was written.</summary>
internal sealed class ProjectConflictException(ConflictDocument conflict) : Exception(conflict.Detail)
{
    /// <summary>What is there now.</summary>
    public ConflictDocument Conflict { get; } = conflict;
}
