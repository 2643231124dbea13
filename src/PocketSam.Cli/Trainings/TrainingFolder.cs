using PocketSam.Training.Optimization;

namespace PocketSam.Cli.Trainings;

/// <summary>Where a training keeps its checkpoint, the averaged model, the log and its curves, and how it is run for people.</summary>
internal sealed class TrainingFolder
{
    /// <summary>Steps between two lines where nobody watches.</summary>
    private const int QuietInterval = 50;

    private const int LineWidth = 130;

    private TrainingFolder(string path) => Path = path;

    public string Path { get; }

    public string Checkpoint => File("checkpoint.safetensors");

    private string Model => File("model.safetensors");

    private string Log => File("log.csv");

    /// <summary>The folder of a new training, or of one to go on with.</summary>
    /// <exception cref="IOException">There is a training already, or none to go on with.</exception>
    public static TrainingFolder Open(string path, bool resume)
    {
        var folder = new TrainingFolder(path);
        bool exists = System.IO.File.Exists(folder.Checkpoint);
        if (resume && !exists)
            throw new FileNotFoundException($"{folder.Checkpoint}: there is no checkpoint to go on from", folder.Checkpoint);
        if (!resume && exists)
            throw new IOException($"{folder.Checkpoint}: there is a training already; add --resume, or choose another folder");
        return folder;
    }

    /// <summary>
    /// Trains to the end or until it is stopped, shows how it goes and keeps what there is. A training whose pictures or
    /// files fail keeps the steps before; one that diverges keeps its last checkpoint.
    /// </summary>
    /// <param name="training">The training.</param>
    /// <param name="terminal">Progress goes there while somebody watches.</param>
    /// <param name="text">Lines now and then where nobody watches, and the result.</param>
    /// <param name="onEnd">Told the last step of this run, or null where there was none.</param>
    /// <param name="cancellation">Stops it between two steps.</param>
    /// <exception cref="OperationCanceledException">It was stopped; all is kept.</exception>
    public void Run(
        ITraining training, Terminal terminal, TextWriter text, Action<IStepProgress?> onEnd, CancellationToken cancellation)
    {
        Directory.CreateDirectory(Path);
        using var log = new StepLog(Log, training.Step);
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
                    log.Add(progress);
                    if (terminal.IsInteractive)
                        terminal.Error.Write($"\r{means.Line(progress, training.Course),-LineWidth}");
                    else if (progress.Step % QuietInterval == 0)
                        text.WriteLine(means.Line(progress, training.Course));
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
        if (!finished)
        {
            text.WriteLine($"stopped; {Checkpoint} goes on with --resume");
            cancellation.ThrowIfCancellationRequested();
        }
    }

    private void Keep(ITraining training)
    {
        training.Save(Checkpoint);
        training.SaveModel(Model, DataType.Float16);

        // A training that was stopped before its first step has no log.
        if (System.IO.File.Exists(Log))
            CurvePlot.Write(Log, File("curves.svg"));
    }

    private string File(string name) => System.IO.Path.Combine(Path, name);
}
