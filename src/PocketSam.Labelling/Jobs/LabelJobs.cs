using System.Text.Json;
using Microsoft.Extensions.Logging;
using PocketSam.Labelling.Api;
using PocketSam.Labelling.Live;

namespace PocketSam.Labelling.Jobs;

/// <summary>Background jobs, one of each kind at a time, whose progress is sent as events.</summary>
internal sealed partial class LabelJobs(EventHub hub, TimeProvider time, ILogger<LabelJobs> log) : IDisposable
{
    /// <summary>The number of jobs to keep, beyond which ended ones are dropped.</summary>
    private const int MaxEnded = 50;

    private const string Running = "running", Done = "done", Failed = "failed", Cancelled = "cancelled";

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    private readonly Lock _gate = new();
    private readonly List<Job> _jobs = [];
    private long _count;

    /// <summary>All jobs that are kept, the latest first.</summary>
    public IReadOnlyList<JobDocument> All
    {
        get
        {
            lock (_gate)
                return [.. _jobs.AsEnumerable().Reverse().Select(job => job.Document)];
        }
    }

    /// <summary>Starts a job, or returns the running one of its kind.</summary>
    /// <param name="kind">The kind of job.</param>
    /// <param name="work">Does the work and returns the job's result. Its argument takes the steps done, the total, and
    /// a description of the current step.</param>
    public JobDocument Start(string kind, Func<Action<long, long, string>, CancellationToken, Task<JsonElement?>> work)
        => Start(kind, work, out _);

    /// <summary>Starts a job whose parameters may differ from those of a running one.</summary>
    /// <param name="kind">The kind of job.</param>
    /// <param name="work">As in <see cref="Start(string, Func{Action{long, long, string}, CancellationToken, Task{JsonElement?}})"/>.</param>
    /// <exception cref="LabelException">A job of its kind is running.</exception>
    public JobDocument StartOwn(string kind, Func<Action<long, long, string>, CancellationToken, Task<JsonElement?>> work)
    {
        JobDocument job = Start(kind, work, out bool isNew);
        return isNew ? job : throw new LabelException(
            409, "job_running", "such a search is running already: stop it, or wait until it ends");
    }

    private JobDocument Start(
        string kind, Func<Action<long, long, string>, CancellationToken, Task<JsonElement?>> work, out bool isNew)
    {
        Job job;
        lock (_gate)
        {
            if (_jobs.Find(known => known.Document.Kind == kind && known.Document.State == Running) is { } running)
            {
                isNew = false;
                return running.Document;
            }

            job = new Job(new JobDocument($"job-{++_count}", kind, Running, 0, 0, "", null, null));
            _jobs.Add(job);
            while (_jobs.Count > MaxEnded && _jobs.FindIndex(known => known.Document.State != Running) is >= 0 and var oldest)
                _jobs.RemoveAt(oldest);
        }

        hub.Send(new EventDocument(EventKinds.Job) { Job = job.Document });
        job.Task = Task.Run(() => RunAsync(job, work));
        isNew = true;
        return job.Document;
    }

    /// <summary>Asks a job to stop.</summary>
    /// <exception cref="LabelException">There is no job with this id.</exception>
    public JobDocument Cancel(string id)
    {
        Job? job;
        lock (_gate)
            job = _jobs.Find(known => known.Document.Id == id);
        if (job is null)
            throw new LabelException(404, "job_unknown", $"there is no job '{Words.Clean(id, 40)}'");
        job.Cancellation.Cancel();
        return job.Document;
    }

    /// <summary>Stops all running jobs, and waits for them for at most two seconds.</summary>
    public void Dispose()
    {
        Task[] running;
        lock (_gate)
        {
            _jobs.ForEach(job => job.Cancellation.Cancel());
            running = [.. _jobs.Select(job => job.Task).OfType<Task>()];
        }

        Task.WaitAll(running, TimeSpan.FromSeconds(2));
    }

    private async Task RunAsync(Job job, Func<Action<long, long, string>, CancellationToken, Task<JsonElement?>> work)
    {
        long reported = time.GetTimestamp();
        try
        {
            JsonElement? result = await work(Report, job.Cancellation.Token);
            Set(job, document => document with { State = Done, Result = result });
        }
        catch (OperationCanceledException e) when (job.Cancellation.IsCancellationRequested)
        {
            JsonElement? result = (e as JobStoppedException)?.Result;
            Set(job, document => document with { State = Cancelled, Result = result });
        }
        catch (Exception e)
        {
            JobFailed(log, e, job.Document.Kind);
            string error = e is LabelException or IOException ? e.Message : "the service failed; its log says why";
            Set(job, document => document with { State = Failed, Error = error });
        }

        void Report(long done, long total, string detail)
        {
            bool isDue = time.GetElapsedTime(reported) >= Interval;
            lock (_gate)
                job.Document = job.Document with { Done = done, Total = total, Detail = detail };
            if (!isDue)
                return;
            reported = time.GetTimestamp();
            hub.Send(new EventDocument(EventKinds.Job) { Job = job.Document });
        }
    }

    private void Set(Job job, Func<JobDocument, JobDocument> change)
    {
        lock (_gate)
            job.Document = change(job.Document);
        hub.Send(new EventDocument(EventKinds.Job) { Job = job.Document });
    }

    [LoggerMessage(10, LogLevel.Error, "job {Kind} failed")]
    private static partial void JobFailed(ILogger log, Exception error, string kind);

    private sealed class Job(JobDocument document)
    {
        public JobDocument Document { get; set; } = document;

        public CancellationTokenSource Cancellation { get; } = new();

        public Task? Task { get; set; }
    }
}
