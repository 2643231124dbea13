namespace PocketSam.Training.Optimization;

/// <summary>A training of any kind that can be stopped, kept and gone on with.</summary>
public interface ITraining
{
    /// <summary>Steps done.</summary>
    long Step { get; }

    /// <summary>Steps between checkpoints.</summary>
    int CheckpointEvery { get; }

    /// <summary>Input size, steps and pictures a step of each stage.</summary>
    IEnumerable<(int Size, int Steps, int BatchSize)> Course { get; }

    /// <summary>Steps until the last stage is done or <paramref name="cancellation"/> asks to stop, between two steps.</summary>
    /// <param name="onStep">Called after each step.</param>
    /// <param name="cancellation">Stops before the next step.</param>
    /// <returns>Whether all steps are done.</returns>
    /// <exception cref="TrainingDivergedException">Loss or gradient are not finite.</exception>
    bool Run(Action<IStepProgress> onStep, CancellationToken cancellation);

    /// <summary>Writes everything that going on needs.</summary>
    /// <exception cref="IOException">The file cannot be written; an older checkpoint stays.</exception>
    void Save(string path);

    /// <summary>Writes the averaged model, which is the result of training.</summary>
    /// <exception cref="IOException">The file cannot be written; an older one stays.</exception>
    void SaveModel(string path, DataType type);
}
