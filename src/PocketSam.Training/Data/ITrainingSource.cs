namespace PocketSam.Training.Data;

/// <summary>A source of training pictures. Implementations are thread-safe.</summary>
public interface ITrainingSource
{
    /// <summary>Its name in logs.</summary>
    string Name { get; }

    /// <summary>Whether any of its pictures has masks.</summary>
    bool HasMasks => true;

    /// <summary>Whether all of its pictures have masks.</summary>
    bool AllHaveMasks => HasMasks;

    /// <summary>The picture of a random number: the same number gives the same picture.</summary>
    TrainingPicture Draw(ulong seed);
}
