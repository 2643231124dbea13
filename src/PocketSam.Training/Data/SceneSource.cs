using PocketSam.Training.Data.Scenes;

namespace PocketSam.Training.Data;

/// <summary>Generated scenes: a new one for every number.</summary>
public sealed class SceneSource(SceneOptions options) : ITrainingSource
{
    private readonly SceneGenerator _generator = new(options);

    /// <inheritdoc/>
    public string Name => "scenes";

    /// <inheritdoc/>
    public TrainingPicture Draw(ulong seed) => _generator.Generate(seed);
}
