using System.Globalization;
using PocketSam.Cli.Charts;
using PocketSam.Training.Evaluation;
using PocketSam.Training.Optimization;

namespace PocketSam.Cli.Trainings;

/// <summary>Where a training keeps its checkpoint, the averaged model, the log and its curves, and how it is run for people.</summary>
internal sealed class TrainingFolder : IDisposable
{
    /// <summary>The file with a line a step.</summary>
    public const string LogName = "log.csv";

    /// <summary>Steps between two lines where nobody watches.</summary>
    private const int QuietInterval = 50;

    private const int LineWidth = 130;

    private readonly FolderLock? _lock;
    private readonly MpiRanks? _ranks;

    private TrainingFolder(string path, FolderLock? held, MpiRanks? ranks) => (Path, _lock, _ranks) = (path, held, ranks);

    public string Path { get; }

    public string Checkpoint => File("checkpoint.safetensors");

    private string Model => File("model.safetensors");

    private string BestModel => File("best.safetensors");

    private string Log => File(LogName);

    private string Curves => File("curves.svg");

    /// <summary>All that a training writes.</summary>
    public IReadOnlyList<string> Results => [Checkpoint, Model, BestModel, Log, Curves];

    /// <summary>Whether this process writes to the folder.</summary>
    public bool IsWritten => _lock is not null;

    /// <summary>Whether there is a training to go on with.</summary>
    public bool HasCheckpoint => System.IO.File.Exists(Checkpoint);

    /// <summary>
    /// The folder of a training: with <paramref name="resume"/> one that goes on where there is a checkpoint and begins where
    /// there is none, so that the same command does both.
    /// </summary>
    /// <param name="path">The folder.</param>
    /// <param name="resume">Whether a training that is there goes on.</param>
    /// <param name="ranks">The processes that train together, of which the first has the folder and writes to it.</param>
    /// <remarks>Until it is disposed no other training gets the folder.</remarks>
    /// <exception cref="IOException">
    /// There is a training already that is not to go on, or one that is going on in another process.
    /// </exception>
    public static TrainingFolder Open(string path, bool resume, MpiRanks? ranks = null)
    {
        if (ranks is { Rank: > 0 })
            return new TrainingFolder(path, null, ranks);
        var folder = new TrainingFolder(path, FolderLock.Take(path), ranks);
        if (resume || !folder.HasCheckpoint)
            return folder;
        folder.Dispose();
        throw new IOException($"{folder.Checkpoint}: there is a training already; add --resume, or choose another folder");
    }

    /// <summary>Lets go of the folder.</summary>
    public void Dispose() => _lock?.Dispose();

    /// <summary>
    /// Trains to the end or until it is stopped, shows how it goes and keeps what there is. A training whose pictures or
    /// files fail keeps the steps before; one that diverges keeps its last checkpoint. Where another process writes this one only
    /// does its part of the steps.
    /// </summary>
    /// <param name="training">The training.</param>
    /// <param name="validation">What it is measured on while it runs, or null.</param>
    /// <param name="terminal">Progress goes there while somebody watches.</param>
    /// <param name="text">Lines now and then where nobody watches, and the result.</param>
    /// <param name="onEnd">Told the last step of this run, or null where there was none.</param>
    /// <param name="cancellation">Stops it between two steps.</param>
    /// <exception cref="OperationCanceledException">It was stopped; all is kept.</exception>
    public void Run(
        TrainingLoop training, ValidationPlan? validation, Terminal terminal, TextWriter text, Action<IStepProgress?> onEnd,
        CancellationToken cancellation)
    {
        if (!IsWritten)
        {
            if (!training.Run(_ => { }, cancellation))
                cancellation.ThrowIfCancellationRequested();
            else
                _ranks!.Wait();
            return;
        }

        using var log = new StepLog(Log, training.Step);
        double? best = validation is null ? null : log.Best(Validation.Columns);
        var means = new RunningMeans();
        IStepProgress? last = null;
        bool finished;
        try
        {
            finished = training.Run(
                progress =>
                {
                    last = progress;
                    means.Add(progress);
                    log.Add(progress, Validated(progress));
                    if (terminal.IsInteractive)
                        terminal.Error.Write($"\r{means.Line(progress, training.Schedule),-LineWidth}");
                    else if (progress.Step % QuietInterval == 0)
                        text.WriteLine(means.Line(progress, training.Schedule));
                    if (progress.Step % training.CheckpointEvery == 0)
                        Keep(training);
                },
                cancellation);
        }
        catch (IOException) when (last is not null && last.Step % training.CheckpointEvery != 0)
        {
            Keep(training);
            throw;
        }
        finally
        {
            if (terminal.IsInteractive)
                terminal.Error.WriteLine();
        }

        Keep(training);
        text.WriteLine($"{Model}: the averaged model after {training.Step} steps");
        onEnd(last);
        if (best is not null)
            text.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{BestModel}: the best on validation, mean IoU {best:0.0000}"));
        if (!finished)
        {
            text.WriteLine($"stopped; {Checkpoint} goes on with --resume");
            cancellation.ThrowIfCancellationRequested();
        }
        else
        {
            _ranks?.Wait();
        }

        (string, double)[] Validated(IStepProgress progress)
        {
            if (validation is null)
                return [];
            if (progress.Step % validation.Every != 0 && progress.Step != progress.TotalSteps)
                return Unmeasured();
            IReadOnlyList<double> values;
            try
            {
                values = training.WithAverages(sam => validation.Sets.Run(sam, cancellation));
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                // The step is done and stays; the loop stops before the next.
                return Unmeasured();
            }

            double mean = values.Average();
            if (terminal.IsInteractive)
                terminal.Error.WriteLine();
            text.WriteLine(Compared(progress.Step, values, mean, best));
            if (!(mean <= best))
            {
                training.SaveModel(BestModel, DataType.Float16);
                best = mean;
            }

            return [.. Validation.Columns.Zip(values)];

            static (string, double)[] Unmeasured() => [.. Validation.Columns.Select(column => (column, double.NaN))];
        }
    }

    /// <summary>A line about a measurement beside the best one so far.</summary>
    private static string Compared(long step, IReadOnlyList<double> values, double mean, double? best)
    {
        string all = string.Join("  ", Validation.Columns.Zip(values, (name, value) => string.Create(
            CultureInfo.InvariantCulture, $"{name["val_".Length..^"_iou".Length].Replace('_', '-')} {value:0.0000}")));
        string verdict = best is not { } before ? "first"
            : mean > before ? string.Create(CultureInfo.InvariantCulture, $"best, {mean - before:0.0000} more than before")
            : string.Create(CultureInfo.InvariantCulture, $"{before - mean:0.0000} less than the best");
        return $"step {step}  validation  {all}  ({verdict})";
    }

    private void Keep(TrainingLoop training)
    {
        training.Save(Checkpoint);
        training.SaveModel(Model, DataType.Float16);

        // A training that was stopped before its first step has no log.
        if (System.IO.File.Exists(Log))
            CurveChart.Write([TrainingLog.Read(Log)], Curves);
    }

    private string File(string name) => System.IO.Path.Combine(Path, name);
}
