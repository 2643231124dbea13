using PocketSam.Training.Optimization;

namespace PocketSam.Training.Distillation;

/// <summary>A stretch of distillation by one scheme at one input size of the student.</summary>
/// <param name="Size">Longest side of the student's input, a multiple of 64.</param>
/// <param name="Steps">Optimiser steps, at least 1.</param>
/// <param name="BatchSize">Pictures a step, at least 1.</param>
/// <param name="Scheme">What is learned, and by what.</param>
public sealed record DistillationStage(int Size, int Steps, int BatchSize, DistillationScheme Scheme)
{
    /// <summary>Reads <c>SIZExSTEPS[xBATCH][:SCHEME]</c>, for instance <c>640x500x4:full-stage</c>.</summary>
    /// <param name="text">The text.</param>
    /// <param name="scheme">The scheme where the text names none.</param>
    /// <exception cref="FormatException">The text is not of that form.</exception>
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
