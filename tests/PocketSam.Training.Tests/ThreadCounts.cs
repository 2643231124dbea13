namespace PocketSam.Training.Tests;

/// <summary>Tests that change the number of threads: they run by themselves, after all others.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class ThreadCounts
{
    public const string Name = "Thread counts";
}
