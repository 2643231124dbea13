using System.Security.Cryptography;
using System.Text;

namespace PocketSam.Training.FineTuning;

/// <summary>
/// Which pictures are kept back to measure on. It follows from their keys, so that a picture that was kept back once is not learned from
/// later, when there are more of them.
/// </summary>
internal static class KeptBack
{
    /// <summary>The share of pictures that are kept back, and how many at least and at most.</summary>
    private const double Share = 0.25;
    private const int Least = 4, Most = 80;

    /// <summary>Most pictures that are learned from: they are kept in memory.</summary>
    private const int MostLearned = 300;

    /// <summary>Fewer pictures cannot be split.</summary>
    public const int LeastPictures = 2 * Least;

    /// <summary>Splits pictures that have masks.</summary>
    public static (FineTuningPicture[] Learned, FineTuningPicture[] Kept) Split(IEnumerable<FineTuningPicture> pictures)
    {
        (FineTuningPicture Picture, double Place)[] all = [.. pictures.Select(p => (p, PlaceOf(p.Key))).OrderBy(p => p.Item2)];
        int kept = Math.Max(Math.Min(Least, all.Length), all.Count(p => p.Place < Share));
        return (
            [.. all[kept..].Take(MostLearned).Select(p => p.Picture)],
            [.. all[..kept].Take(Most).Select(p => p.Picture).OrderBy(p => p.Name, StringComparer.Ordinal)]);
    }

    /// <summary>A number from 0 to 1 that belongs to a key.</summary>
    private static double PlaceOf(string key)
        => BitConverter.ToUInt32(SHA256.HashData(Encoding.UTF8.GetBytes(key))) / (double)uint.MaxValue;
}
