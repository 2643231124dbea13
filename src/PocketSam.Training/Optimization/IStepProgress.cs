namespace PocketSam.Training.Optimization;

/// <summary>What one step of any training found, as logs and lines for people want it.</summary>
public interface IStepProgress
{
    /// <summary>Steps done, this one included.</summary>
    long Step { get; }

    /// <summary>Steps of the whole training.</summary>
    int TotalSteps { get; }

    /// <summary>Side of the input.</summary>
    int Size { get; }

    /// <summary>Pictures of the step.</summary>
    int BatchSize { get; }

    /// <summary>Duration of the step.</summary>
    double Seconds { get; }

    /// <summary>Learning rate of the step.</summary>
    double LearningRate { get; }

    /// <summary>The loss that was minimised.</summary>
    double Loss { get; }

    /// <summary>Losses and IoUs by their names in the log; NaN for what the step did not have.</summary>
    IReadOnlyList<(string Name, double Value)> Measures { get; }
}
