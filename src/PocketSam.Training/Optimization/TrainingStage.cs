namespace PocketSam.Training.Optimization;

/// <summary>A stage of a training at one input size.</summary>
/// <param name="Size">Side of the input in pixels, a multiple of 64.</param>
/// <param name="Steps">Number of optimiser steps, at least 1.</param>
/// <param name="BatchSize">Pictures per step, at least 1.</param>
/// <param name="Focal">Whether to use SAM's focal and dice loss instead of cross-entropy and dice loss.</param>
public sealed record TrainingStage(int Size, int Steps, int BatchSize, bool Focal = false)
{
    /// <summary>
    /// Parses <c>SIZExSTEPS[xBATCH][f]</c>, for instance <c>128x3000x8</c>; the suffix f selects SAM's focal loss.
    /// </summary>
    /// <exception cref="FormatException">The text does not have this form.</exception>
    public static TrainingStage Parse(string text, int defaultBatch = 8)
    {
        ArgumentNullException.ThrowIfNull(text);
        bool focal = text.EndsWith('f');
        string[] parts = text.TrimEnd('f').Split('x');
        int[] numbers = new int[parts.Length];
        for (int i = 0; i < parts.Length; i++)
        {
            if (!int.TryParse(parts[i], out numbers[i]) || numbers[i] < 1)
                throw new FormatException($"stage '{text}': expected SIZExSTEPS[xBATCH][f], for instance 128x3000x8");
        }

        if (numbers.Length is < 2 or > 3)
            throw new FormatException($"stage '{text}': expected SIZExSTEPS[xBATCH][f], for instance 128x3000x8");
        return new TrainingStage(numbers[0], numbers[1], numbers.Length == 3 ? numbers[2] : defaultBatch, focal);
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Size}x{Steps}x{BatchSize}{(Focal ? "f" : "")}";
}
