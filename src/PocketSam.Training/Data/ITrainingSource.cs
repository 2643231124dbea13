namespace PocketSam.Training.Data;

/// <summary>Something that gives training pictures. Called from several threads.</summary>
public interface ITrainingSource
{
    /// <summary>Its name in logs.</summary>
    string Name { get; }

    /// <summary>The picture that belongs to a random number: the same number gives the same picture.</summary>
    TrainingPicture Draw(ulong seed);
}
