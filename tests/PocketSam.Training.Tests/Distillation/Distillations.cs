using PocketSam.Models;
using PocketSam.Training.Data;
using PocketSam.Training.Data.Scenes;
using PocketSam.Training.Distillation;

namespace PocketSam.Training.Tests.Distillation;

/// <summary>A tiny teacher and what a student needs to learn from it.</summary>
internal static class Distillations
{
    /// <summary>Side of student's and teacher's input where a test says nothing else.</summary>
    public const int Size = 64;

    public static Sam Teacher { get; } = Sam.Over(SamModel.Create(ModelZoo.Nano, seed: 7), "teacher");

    public static DistillationOptions Options(params ReadOnlySpan<DistillationStage> stages) => new()
    {
        Stages = stages.ToArray(),
        MasksPerImage = 2,
        WarmupSteps = 1,
        TeacherSize = Size,
    };

    public static AugmentedSource Scenes() => new(new SourceMix(
        [(new SceneSource(new SceneOptions { Width = 96, Height = 64 }), 1)], new AugmentationOptions()));

    public static float[] Weights(SamModel model, string prefix = "")
        => [.. model.State.Entries.Where(e => e.Key.StartsWith(prefix, StringComparison.Ordinal)).SelectMany(e => e.ToStored())];

    /// <summary>The checkpoint of a model that is written nowhere.</summary>
    public static Checkpoint CheckpointOf(SamModel model)
        => new("student", model.State.ToStored(DataType.Float32).ToDictionary(), model.Metadata());
}
