using PocketSam.Training.Data.Effects;

namespace PocketSam.Training.Optimization;

/// <summary>The sides of the input that the steps of a stage have.</summary>
/// <param name="Smallest">The smallest side, in pixels.</param>
/// <param name="Largest">The largest side, in pixels.</param>
internal readonly record struct InputSizes(int Smallest, int Largest)
{
    /// <summary>A side drawn uniformly from the smallest one and those that are larger by multiples of
    /// <paramref name="multiple"/>.</summary>
    public int Draw(int multiple, ulong seed)
        => Smallest + multiple * new RandomStream(seed).Below((Largest - Smallest) / multiple + 1);

    /// <summary>Checks that the smallest and the largest side are valid for a model.</summary>
    /// <exception cref="ArgumentException">One is not; the message says why.</exception>
    public void ValidateFor(SamConfig config)
    {
        config.ValidateInputSize(Smallest);
        config.ValidateInputSize(Largest);
    }

    /// <summary>As in the text of a stage: one number, or a range.</summary>
    public override string ToString() => Smallest == Largest ? $"{Largest}" : $"{Smallest}-{Largest}";
}
