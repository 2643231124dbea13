using System.Globalization;
using PocketSam.Cli.Charts;
using PocketSam.Training.Evaluation;
using PocketSam.Training.Optimization;

namespace PocketSam.Cli.Trainings;

/// <summary>
/// The folder of a training, with its checkpoint, the averaged model, the log and its curves. Runs the training and
/// shows its progress.
/// </summary>
internal sealed class TrainingFolder : IDisposable
{
    /// <summary>The file with a line per step.</summary>
    public const string LogName = "log.csv";

    /// <summary>Number of steps between two lines if the output is not a terminal.</summary>
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

    /// <summary>All files that a training writes.</summary>
    public IReadOnlyList<string> Results => [Checkpoint, Model, BestModel, Log, Curves];

    /// <summary>Whether this process writes to the folder.</summary>
    public bool IsWritten => _lock is not null;

    /// <summary>Whether there is a training to resume.</summary>
    public bool HasCheckpoint => System.IO.File.Exists(Checkpoint);

    /// <summary>
    /// Opens the folder of a training. With <paramref name="resume"/>, a training continues from its checkpoint if
    /// there is one, and begins otherwise, so that the same command does both.
    /// </summary>
    /// <param name="path">The folder.</param>
    /// <param name="resume">Whether to resume an existing training.</param>
    /// <param name="ranks">The processes that train together, of which the first locks the folder and writes to it;
    /// null for one.</param>
    /// <remarks>The folder is locked until disposal.</remarks>
    /// <exception cref="IOException">The folder has a training that is not to be resumed, or is in use by another
    /// process.</exception>
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

    /// <summary>Unlocks the folder.</summary>
    public void Dispose() => _lock?.Dispose();

    /// <summary>
    /// Trains until the end or until cancellation, reports the progress, and saves checkpoints. If a picture or file
    /// fails, the steps before it are saved; if the training diverges, its last checkpoint is kept. A process that does
    /// not write to the folder only does its part of the steps.
    /// </summary>
    /// <param name="training">The training.</param>
    /// <param name="validation">The validation during training; null for none.</param>
    /// <param name="terminal">Shows the progress if the output is a terminal.</param>
    /// <param name="text">Takes lines of progress otherwise, and the result.</param>
    /// <param name="onEnd">Takes the last step of this run; null if there was none.</param>
    /// <param name="cancellation">Checked before each step.</param>
    /// <exception cref="OperationCanceledException">The training is cancelled, after saving.</exception>
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
                // The finished step is kept; the loop stops before the next one.
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

    /// <summary>A line with a validation result and the best one so far.</summary>
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

        // A training that is stopped before its first step has no log.
        if (System.IO.File.Exists(Log))
            CurveChart.Write([TrainingLog.Read(Log)], Curves);
    }

    private string File(string name) => System.IO.Path.Combine(Path, name);
}
