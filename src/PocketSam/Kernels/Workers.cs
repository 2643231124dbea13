using System.Runtime.ExceptionServices;

namespace PocketSam.Kernels;

/// <summary>
/// Runs the numbered parts of a loop on a pool of threads. How a loop is cut into parts never depends on the number of
/// threads, so neither do its results. A call from inside a part, or while another thread's loop is running, runs its
/// parts on the calling thread: there is no waiting and no deadlock.
/// </summary>
internal static class Workers
{
    private static readonly Lock Gate = new();
    private static readonly SemaphoreSlim Wake = new(0);
    private static readonly AsyncLocal<int> Limited = new();
    private static int _default = Environment.ProcessorCount;
    private static int _started;
    private static Loop? _current;

    /// <summary>
    /// Threads that work on a loop where no <see cref="Limit"/> holds, including the caller's; at least 1, by default
    /// the number of processors. A setting of the process, made once at startup.
    /// </summary>
    public static int Default
    {
        get => _default;
        set
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
            _default = value;
        }
    }

    /// <summary>Threads that work on a loop started here, including the caller's; at least 1.</summary>
    public static int Count => Limited.Value is > 0 and int limit ? limit : _default;

    /// <summary>
    /// Until the result is disposed of, loops started here, and in tasks and threads started from here, run on
    /// <paramref name="threads"/> threads. With a limit of 1, background work takes no thread from another computation.
    /// Loops of other flows keep their number.
    /// </summary>
    public static Scope Limit(int threads)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        var scope = new Scope(Limited.Value);
        Limited.Value = threads;
        return scope;
    }

    /// <summary>
    /// Calls <paramref name="body"/> with 0 ... <paramref name="parts"/> - 1, each once, in any order. An exception of
    /// a part is rethrown.
    /// </summary>
    public static void For(int parts, Action<int> body)
    {
        int threads = Count;
        if (parts <= 1 || threads == 1 || !Gate.TryEnter())
        {
            for (int i = 0; i < parts; i++)
                body(i);
            return;
        }

        try
        {
            // A thread may re-enter its own lock: a nested loop must not replace the one that is running.
            if (_current is not null)
            {
                for (int i = 0; i < parts; i++)
                    body(i);
                return;
            }

            int helpers = Math.Min(threads, parts) - 1;
            while (_started < helpers)
            {
                _started++;
                new Thread(Serve) { IsBackground = true, Name = "PocketSam worker" }.Start();
            }

            var loop = new Loop(parts, body, helpers);
            Volatile.Write(ref _current, loop);
            Wake.Release(helpers);
            loop.Work();
            loop.Wait();
            Volatile.Write(ref _current, null);
            loop.Failure?.Throw();
        }
        finally
        {
            Gate.Exit();
        }
    }

    /// <summary>
    /// Cuts <paramref name="length"/> items into at most 32 parts of at least <paramref name="grain"/> items and calls
    /// <paramref name="body"/>(start, end) for each.
    /// </summary>
    public static void ForRange(int length, int grain, Action<int, int> body)
    {
        int parts = Math.Clamp(length / Math.Max(1, grain), 1, 32);
        if (parts == 1)
        {
            if (length > 0)
                body(0, length);
            return;
        }

        For(parts, i => body((int)((long)length * i / parts), (int)((long)length * (i + 1) / parts)));
    }

    /// <summary>
    /// Cuts <paramref name="length"/> rows into parts of whole tiles of <paramref name="tile"/> rows, at most about
    /// <paramref name="largest"/> rows each. A number of parts above eight is a multiple of eight, so that a few
    /// threads finish together.
    /// </summary>
    public static void ForTiles(int length, int tile, int largest, Action<int, int> body)
    {
        int tiles = (length + tile - 1) / tile, parts = (length + largest - 1) / largest;
        parts = Math.Min(tiles, parts > 8 ? (parts + 7) / 8 * 8 : parts);
        For(parts, i => body(
            (int)((long)tiles * i / parts) * tile, Math.Min(length, (int)((long)tiles * (i + 1) / parts) * tile)));
    }

    private static void Serve()
    {
        var spinner = new SpinWait();
        while (true)
        {
            // Loops follow each other within microseconds: spin for a while before sleeping.
            spinner.Reset();
            while (Wake.CurrentCount == 0 && !spinner.NextSpinWillYield)
                spinner.SpinOnce();
            for (int i = 0; i < 200 && Wake.CurrentCount == 0; i++)
                Thread.SpinWait(20);
            Wake.Wait();
            Loop? loop = Volatile.Read(ref _current);
            if (loop is not null && loop.Enter())
                loop.Work();
        }
    }

    /// <summary>Ends a <see cref="Limit"/>.</summary>
    public readonly struct Scope(int before) : IDisposable
    {
        public void Dispose() => Limited.Value = before;
    }

    private sealed class Loop(int parts, Action<int> body, int helpers)
    {
        private int _next;
        private int _done;
        private int _places = helpers;

        public ExceptionDispatchInfo? Failure { get; private set; }

        /// <summary>
        /// Takes one of the loop's places for helpers. A helper that woke for an earlier loop may take one here.
        /// </summary>
        public bool Enter() => Interlocked.Decrement(ref _places) >= 0;

        public void Work()
        {
            int i;
            while ((i = Interlocked.Increment(ref _next) - 1) < parts)
            {
                try
                {
                    body(i);
                }
                catch (Exception e)
                {
                    Failure ??= ExceptionDispatchInfo.Capture(e);
                }

                Interlocked.Increment(ref _done);
            }
        }

        public void Wait()
        {
            var spinner = new SpinWait();
            while (Volatile.Read(ref _done) < parts)
                spinner.SpinOnce(sleep1Threshold: -1);
        }
    }
}
