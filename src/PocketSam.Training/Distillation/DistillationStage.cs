using PocketSam.Training.Optimization;

namespace PocketSam.Training.Distillation;

/// <summary>A stage of a distillation: one scheme at one input size of the student.</summary>
/// <param name="Size">Side of the student's input in pixels, a multiple of 64.</param>
/// <param name="Steps">Number of optimiser steps, at least 1.</param>
/// <param name="BatchSize">Pictures per step, at least 1.</param>
/// <param name="Scheme">The scheme.</param>
public sealed record DistillationStage(int Size, int Steps, int BatchSize, DistillationScheme Scheme)
{
    /// <summary>Parses <c>SIZExSTEPS[xBATCH][:SCHEME]</c>, for instance <c>640x500x4:full-stage</c>.</summary>
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
            : new DistillationStage(stage.Size, stage.Steps, stage.BatchSize, scheme);
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Size}x{Steps}x{BatchSize}:{Scheme.NameOf()}";
}
