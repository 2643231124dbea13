namespace PocketSam.Training.Optimization;

/// <summary>A stretch of training at one input size.</summary>
/// <param name="Size">Longest side of the input, a multiple of 64.</param>
/// <param name="Steps">Optimiser steps, at least 1.</param>
/// <param name="BatchSize">Pictures a step, at least 1.</param>
/// <param name="Focal">Whether SAM's focal and dice loss is used instead of cross-entropy and dice.</param>
public sealed record TrainingStage(int Size, int Steps, int BatchSize, bool Focal = false)
{
    /// <summary>Reads <c>SIZExSTEPS[xBATCH][f]</c>, for instance <c>128x3000x8</c>; the suffix f asks for SAM's focal loss.</summary>
    /// <exception cref="FormatException">The text is not of that form.</exception>
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
