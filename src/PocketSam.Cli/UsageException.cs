namespace PocketSam.Cli;

/// <summary>Arguments that cannot be meant; the exit code says so.</summary>
internal sealed class UsageException(string message) : Exception(message);
