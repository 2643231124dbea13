namespace PocketSam.Cli;

/// <summary>Which architecture a checkpoint is of, where any file is welcome.</summary>
internal static class Recognition
{
    /// <summary>The architecture, or null and why it is not recognised.</summary>
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
