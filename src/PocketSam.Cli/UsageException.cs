namespace PocketSam.Cli;

/// <summary>Invalid arguments; the process exits with <see cref="ExitCode.WrongUsage"/>.</summary>
internal sealed class UsageException(string message) : Exception(message);
