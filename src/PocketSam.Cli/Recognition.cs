namespace PocketSam.Cli;

/// <summary>Recognises the architecture of a checkpoint, for commands that accept any file.</summary>
internal static class Recognition
{
    /// <summary>The architecture; null, with the reason, if it is not recognised.</summary>
    public static SamConfig? Of(Checkpoint checkpoint, out string? reason)
    {
        try
        {
            reason = null;
            return ModelZoo.FromCheckpoint(checkpoint);
        }
        catch (CheckpointFormatException e)
        {
            reason = e.Reason;
            return null;
        }
    }
}
