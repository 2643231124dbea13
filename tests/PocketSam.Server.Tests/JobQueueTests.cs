using PocketSam.Server.Jobs;

namespace PocketSam.Server.Tests;

/// <summary>Jobs run in their order, as many at a time as there are threads, and as many wait as may.</summary>
public sealed class JobQueueTests
{
    [Fact]
    public async Task JobsRunInTheOrderTheyCame()
    {
        using var gate = new ManualResetEventSlim();
        using var queue = new JobQueue("tests", threads: 1, queueLength: 8);
        List<int> order = [];
        Task<bool> first = queue.RunAsync(() => gate.Wait(TimeSpan.FromSeconds(30)), CancellationToken.None);
        Task<int>[] others = [.. Enumerable.Range(0, 8).Select(i => queue.RunAsync(
            () =>
            {
                order.Add(i);
                return i;
            },
            CancellationToken.None))];
        Assert.Empty(order);
        gate.Set();
        Assert.True(await first);
        Assert.Equal(Enumerable.Range(0, 8), await Task.WhenAll(others));
        Assert.Equal(Enumerable.Range(0, 8), order);
    }

    [Fact]
    public async Task AsManyRunAtATimeAsThereAreThreads()
    {
        using var queue = new JobQueue("tests", threads: 2, queueLength: 16);
        using var both = new Barrier(2);
        int running = 0, most = 0;
        bool[] met = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => queue.RunAsync(
            () =>
            {
                int now = Interlocked.Increment(ref running);
                lock (both)
                    most = Math.Max(most, now);
                bool isMet = both.SignalAndWait(TimeSpan.FromSeconds(30));
                Interlocked.Decrement(ref running);
                return isMet;
            },
            CancellationToken.None)));
        Assert.DoesNotContain(false, met);
        Assert.Equal(2, most);
    }

    [Fact]
    public async Task OneTooManyIsRefusedAtOnceAndWhatIsCancelledMakesRoom()
    {
        using var gate = new ManualResetEventSlim();
        using var queue = new JobQueue("tests", threads: 1, queueLength: 1);
        using var cancellation = new CancellationTokenSource();
        Task<bool> running = queue.RunAsync(() => gate.Wait(TimeSpan.FromSeconds(30)), CancellationToken.None);
        bool hasRun = false;
        Task<bool> waiting = queue.RunAsync(() => hasRun = true, cancellation.Token);
        Task<bool> refused = queue.RunAsync(() => true, CancellationToken.None);
        Assert.True(refused.IsFaulted);
        Assert.Equal("tests", (await Assert.ThrowsAsync<JobQueueFullException>(() => refused)).Queue);

        await cancellation.CancelAsync();
        Task<bool> next = queue.RunAsync(() => true, CancellationToken.None);
        Assert.False(next.IsFaulted);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        gate.Set();
        Assert.True(await running && await next);
        Assert.False(hasRun);
    }

    [Fact]
    public async Task WhatAJobThrowsItsCallerGets()
    {
        using var queue = new JobQueue("tests", threads: 1, queueLength: 1);
        await Assert.ThrowsAsync<FormatException>(() => queue.RunAsync<int>(() => throw new FormatException(), CancellationToken.None));
        Assert.Equal(7, await queue.RunAsync(() => 7, CancellationToken.None));
    }

    [Fact]
    public async Task AQueueThatHasEndedTakesNoJobs()
    {
        var queue = new JobQueue("tests", threads: 1, queueLength: 1);
        queue.Dispose();
        queue.Dispose();
        await Assert.ThrowsAsync<JobQueueFullException>(() => queue.RunAsync(() => true, CancellationToken.None));
    }
}
