using PocketSam.Kernels;

namespace PocketSam.Tests.Kernels;

[Collection(ThreadCounts.Name)]
public sealed class WorkersTests
{
    public static TheoryData<int> Counts => [1, 2, 3, 8];

    [Theory]
    [MemberData(nameof(Counts))]
    public void Each_part_runs_once(int threads) => Run(threads, () =>
    {
        foreach (int parts in new[] { 0, 1, 2, 7, 1000 })
        {
            int[] visits = new int[parts];
            Workers.For(parts, i => Interlocked.Increment(ref visits[i]));
            Assert.All(visits, v => Assert.Equal(1, v));
        }
    });

    [Theory]
    [MemberData(nameof(Counts))]
    public void A_loop_inside_a_part_runs_whole(int threads) => Run(threads, () =>
    {
        int[] visits = new int[20 * 30];
        Workers.For(20, i => Workers.For(30, j => Interlocked.Increment(ref visits[i * 30 + j])));
        Assert.All(visits, v => Assert.Equal(1, v));
    });

    [Theory]
    [MemberData(nameof(Counts))]
    public void Work_in_the_background_keeps_its_loops_to_its_thread(int threads) => Run(threads, () =>
    {
        int[] places = new int[50];
        using (Workers.Limit(1))
            Workers.For(places.Length, i => places[i] = Environment.CurrentManagedThreadId);
        int own = Environment.CurrentManagedThreadId;
        Assert.All(places, place => Assert.Equal(own, place));
    });

    [Theory]
    [MemberData(nameof(Counts))]
    public void Loops_of_several_threads_at_once_run_whole(int threads) => Run(threads, () =>
    {
        const int Callers = 6, Rounds = 300, Parts = 11;
        int[] visits = new int[Callers];
        var callers = new Thread[Callers];
        for (int c = 0; c < Callers; c++)
        {
            int caller = c;
            callers[c] = new Thread(() =>
            {
                for (int round = 0; round < Rounds; round++)
                    Workers.For(Parts, _ => Interlocked.Increment(ref visits[caller]));
            });
            callers[c].Start();
        }

        foreach (Thread thread in callers)
            Assert.True(thread.Join(TimeSpan.FromSeconds(60)), "a loop never ended");
        Assert.All(visits, v => Assert.Equal(Rounds * Parts, v));
    });

    [Theory]
    [MemberData(nameof(Counts))]
    public void An_exception_reaches_the_caller_and_later_loops_work(int threads) => Run(threads, () =>
    {
        for (int round = 0; round < 20; round++)
        {
            int thrower = round % 9;
            var e = Assert.Throws<InvalidDataException>(() => Workers.For(9, i =>
            {
                if (i == thrower)
                    throw new InvalidDataException($"part {i}");
            }));
            Assert.Equal($"part {thrower}", e.Message);
            int visits = 0;
            Workers.For(9, _ => Interlocked.Increment(ref visits));
            Assert.Equal(9, visits);
        }
    });

    [Theory]
    [MemberData(nameof(Counts))]
    public void An_exception_of_an_inner_loop_reaches_the_caller(int threads) => Run(threads, () =>
        Assert.Throws<InvalidDataException>(
            () => Workers.For(4, _ => Workers.For(4, _ => throw new InvalidDataException("inner")))));

    [Fact]
    public void ForRange_covers_every_item_once_whatever_the_threads()
    {
        foreach (int length in new[] { 0, 1, 31, 32, 33, 1000, 100_003 })
        {
            foreach (int grain in new[] { 0, 1, 7, 500, int.MaxValue })
            {
                List<(int, int)>[] ranges = [.. new[] { 1, 2, 8 }.Select(count => ThreadCounts.With(count, () =>
                {
                    var all = new List<(int, int)>();
                    Workers.ForRange(length, grain, (start, end) =>
                    {
                        lock (all)
                            all.Add((start, end));
                    });
                    all.Sort();
                    return all;
                }))];
                Assert.Equal(ranges[0], ranges[1]);
                Assert.Equal(ranges[0], ranges[2]);
                int next = 0;
                foreach ((int start, int end) in ranges[0])
                {
                    Assert.Equal(next, start);
                    Assert.True(end > start);
                    next = end;
                }

                Assert.Equal(length, next);
            }
        }
    }

    [Fact]
    public void There_is_at_least_one_thread()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Workers.Default = 0);
        Assert.Throws<ArgumentOutOfRangeException>(() => Workers.Limit(0));
    }

    [Fact]
    public async Task A_limit_holds_where_it_was_set_and_for_what_is_started_there()
    {
        int before = Workers.Count;
        using (Workers.Limit(5))
        {
            Assert.Equal(5, Workers.Count);
            using (Workers.Limit(3))
                Assert.Equal(3, Workers.Count);
            Assert.Equal(5, await Task.Run(() => Workers.Count));
            Task<int> elsewhere;
            using (ExecutionContext.SuppressFlow())
                elsewhere = Task.Run(() => Workers.Count);
            Assert.Equal(before, await elsewhere);
        }

        Assert.Equal(before, Workers.Count);
    }

    private static void Run(int threads, Action body) => ThreadCounts.With(threads, () =>
    {
        body();
        return 0;
    });
}
