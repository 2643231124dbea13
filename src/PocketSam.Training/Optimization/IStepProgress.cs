namespace PocketSam.Training.Optimization;

/// <summary>The result of one step of any training, for logs.</summary>
public interface IStepProgress
{
    /// <summary>Number of steps done, including this one.</summary>
    long Step { get; }

    /// <summary>Number of steps of the whole training.</summary>
    int TotalSteps { get; }

    /// <summary>Side of the input, in pixels.</summary>
    int Size { get; }

    /// <summary>Number of pictures of the step.</summary>
    int BatchSize { get; }

    /// <summary>Duration of the step, in seconds.</summary>
    double Seconds { get; }

    /// <summary>Learning rate of the step.</summary>
    double LearningRate { get; }

    /// <summary>The loss that is minimised.</summary>
    double Loss { get; }

    /// <summary>Losses and IoUs by their names in the log; NaN if the step does not have them.</summary>
    IReadOnlyList<(string Name, double Value)> Measures { get; }
}
