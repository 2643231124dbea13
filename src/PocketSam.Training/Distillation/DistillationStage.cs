using PocketSam.Training.Optimization;

namespace PocketSam.Training.Distillation;

/// <summary>A stage of a distillation: one scheme at one input size of the student, or at sizes drawn from a range.</summary>
/// <param name="Size">Side of the student's input in pixels, a multiple of what its encoder needs
/// (<see cref="ImageEncoderConfig.InputMultiple"/>); with a range, the largest.</param>
/// <param name="Steps">Number of optimiser steps, at least 1.</param>
/// <param name="BatchSize">Pictures per step, at least 1.</param>
/// <param name="Scheme">The scheme.</param>
public sealed record DistillationStage(int Size, int Steps, int BatchSize, DistillationScheme Scheme)
{
    /// <inheritdoc cref="TrainingStage.SmallestSize"/>
    public int SmallestSize { get; init; } = Size;

    /// <summary>The sides that the steps of this stage have.</summary>
    internal InputSizes Sizes => new(SmallestSize, Size);

    /// <summary>Parses <c>SIZExSTEPS[xBATCH][:SCHEME]</c>, for instance <c>640x500x4:full-stage</c>; SIZE may be a range.</summary>
    /// <param name="text">The text.</param>
    /// <param name="scheme">The scheme if the text has none.</param>
    /// <exception cref="FormatException">The text does not have this form.</exception>
    public static DistillationStage Parse(string text, DistillationScheme scheme)
    {
        ArgumentNullException.ThrowIfNull(text);
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon >= 0)
            scheme = DistillationSchemes.Parse(text[(colon + 1)..]);
        TrainingStage stage = TrainingStage.Parse(colon < 0 ? text : text[..colon]);
        return stage.Focal
            ? throw new FormatException($"stage '{text}': f is for train; distill has an option for the focal loss")
            : new DistillationStage(stage.Size, stage.Steps, stage.BatchSize, scheme) { SmallestSize = stage.SmallestSize };
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Sizes}x{Steps}x{BatchSize}:{Scheme.NameOf()}";
}
