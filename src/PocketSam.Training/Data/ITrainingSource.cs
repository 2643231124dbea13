namespace PocketSam.Training.Data;

/// <summary>A source of training pictures. Implementations are thread-safe.</summary>
public interface ITrainingSource
{
    /// <summary>Its name in logs.</summary>
    string Name { get; }

    /// <summary>The picture of a random number: the same number gives the same picture.</summary>
    TrainingPicture Draw(ulong seed);
}
