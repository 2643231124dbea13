using System.Security.Cryptography;
using System.Text;

namespace PocketSam.Training.FineTuning;

/// <summary>
/// Splits pictures into training and held-out ones by a hash of their keys, so that a held-out picture is not trained
/// on later when there are more pictures.
/// </summary>
internal static class HeldOut
{
    /// <summary>The fraction of pictures that are held out, and the least and largest number of them.</summary>
    private const double Share = 0.25;
    private const int Least = 4, Most = 80;

    /// <summary>Largest number of training pictures, which are kept in memory.</summary>
    private const int MostTraining = 300;

    /// <summary>Least number of pictures for a split.</summary>
    public const int LeastPictures = 2 * Least;

    /// <summary>Splits pictures that have masks.</summary>
    public static (FineTuningPicture[] Training, FineTuningPicture[] HeldOut) Split(IEnumerable<FineTuningPicture> pictures)
    {
        (FineTuningPicture Picture, double Hash)[] all = [.. pictures.Select(p => (p, HashOf(p.Key))).OrderBy(p => p.Item2)];
        int heldOut = Math.Max(Math.Min(Least, all.Length), all.Count(p => p.Hash < Share));
        return (
            [.. all[heldOut..].Take(MostTraining).Select(p => p.Picture)],
            [.. all[..heldOut].Take(Most).Select(p => p.Picture).OrderBy(p => p.Name, StringComparer.Ordinal)]);
    }

    /// <summary>The hash of a key as a number from 0 to 1.</summary>
    private static double HashOf(string key)
        => BitConverter.ToUInt32(SHA256.HashData(Encoding.UTF8.GetBytes(key))) / (double)uint.MaxValue;
}
