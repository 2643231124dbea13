using System.Globalization;

namespace PocketSam.Training.Optimization;

/// <summary>A stage of a training at one input size, or at sizes drawn from a range.</summary>
/// <param name="Size">Side of the input in pixels, a multiple of what the encoder needs
/// (<see cref="ImageEncoderConfig.InputMultiple"/>); with a range, the largest.</param>
/// <param name="Steps">Number of optimiser steps, at least 1.</param>
/// <param name="BatchSize">Pictures per step, at least 1.</param>
/// <param name="Focal">Whether to use SAM's focal and dice loss instead of cross-entropy and dice loss.</param>
public sealed record TrainingStage(int Size, int Steps, int BatchSize, bool Focal = false)
{
    private const string Form = "SIZExSTEPS[xBATCH][f], for instance 128x3000x8, or 592-736x3000x8 for sizes from a range";

    /// <summary>
    /// The smallest side of the input in pixels; <see cref="Size"/> by default. If it is smaller, the side of each step
    /// is drawn uniformly from the valid ones between the two.
    /// </summary>
    public int SmallestSize { get; init; } = Size;

    /// <summary>The sides that the steps of this stage have.</summary>
    internal InputSizes Sizes => new(SmallestSize, Size);

    /// <summary>
    /// Parses <c>SIZExSTEPS[xBATCH][f]</c>, for instance <c>128x3000x8</c>; the suffix f selects SAM's focal loss.
    /// SIZE may be a range, for instance <c>592-736</c>.
    /// </summary>
    /// <exception cref="FormatException">The text does not have this form.</exception>
    public static TrainingStage Parse(string text, int defaultBatch = 8)
    {
        ArgumentNullException.ThrowIfNull(text);
        bool focal = text.EndsWith('f');
        string[] parts = text.TrimEnd('f').Split('x'), sizes = parts[0].Split('-');
        int[] numbers = [.. sizes.Concat(parts.Skip(1)).Select(
            part => int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : 0)];
        if (numbers.Contains(0) || sizes.Length > 2 || parts.Length is < 2 or > 3)
            throw new FormatException($"stage '{text}': expected {Form}");
        int[] rest = numbers[sizes.Length..];
        return new TrainingStage(numbers[sizes.Length - 1], rest[0], rest.Length == 2 ? rest[1] : defaultBatch, focal)
        {
            SmallestSize = numbers[0],
        };
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Sizes}x{Steps}x{BatchSize}{(Focal ? "f" : "")}";
}
