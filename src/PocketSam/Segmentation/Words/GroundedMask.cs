namespace PocketSam;

/// <summary>A mask for a phrase.</summary>
/// <param name="Phrase">The phrase, as given.</param>
/// <param name="Score">Probability of the phrase among those that it was compared with, 0 to 1.</param>
/// <param name="Mask">The mask.</param>
public sealed record GroundedMask(string Phrase, float Score, GeneratedMask Mask)
{
    /// <summary>
    /// The most probable of all other words for the mask; null if
    /// there are none, or if each is less probable than no word.
    /// </summary>
    public string? Rival { get; init; }

    /// <summary>The mask without holes and islands smaller than a fraction of it.</summary>
    /// <param name="share">The fraction, 0 to 1; 0 changes nothing.</param>
    /// <exception cref="ArgumentOutOfRangeException">The fraction is not between 0 and 1.</exception>
    public GroundedMask RemoveSmallRegions(double share)
    {
        Rle runs = Mask.Segmentation.RemoveSmallRegions(share);
        return this with { Mask = Mask with { Segmentation = runs, Area = runs.Area, Box = runs.Bounds } };
    }

    /// <summary>
    /// Selects the result: candidates with a score at or above the threshold, highest first. Of two masks of one phrase
    /// where one contains the other, the larger stays if its score is nearly as high, otherwise the one with the higher
    /// score; the same holds for duplicates.
    /// </summary>
    /// <param name="candidates">Masks of one picture with their scores, for any phrases.</param>
    /// <param name="threshold">The smallest score, 0 to 1.</param>
    /// <param name="cancellation">Checked between masks.</param>
    public static IReadOnlyList<GroundedMask> Choose(
        IEnumerable<GroundedMask> candidates, float threshold, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(candidates);
        const double Within = 0.85, Duplicate = 0.7;
        const float NearlyAsSure = 0.1f;
        List<GroundedMask> chosen = [];
        foreach (GroundedMask candidate in candidates.Where(c => c.Score >= threshold).OrderByDescending(c => c.Score))
        {
            cancellation.ThrowIfCancellationRequested();
            bool stays = true;
            for (int i = 0; i < chosen.Count && stays; i++)
            {
                GroundedMask other = chosen[i];
                if (other.Phrase != candidate.Phrase || !Meet(other.Mask.Box, candidate.Mask.Box))
                    continue;
                double shared = Rle.Intersect(other.Mask.Segmentation, candidate.Mask.Segmentation).Area;
                int smaller = Math.Min(other.Mask.Area, candidate.Mask.Area);
                if (shared <= Within * smaller && shared <= Duplicate * (other.Mask.Area + candidate.Mask.Area - shared))
                    continue;
                stays = false;
                if (candidate.Mask.Area > other.Mask.Area && candidate.Score >= other.Score - NearlyAsSure)
                    chosen[i] = candidate with { Score = other.Score };
            }

            if (stays)
                chosen.Add(candidate);
        }

        // A larger mask may have replaced several parts.
        return [.. chosen.DistinctBy(c => (c.Phrase, c.Mask))];
    }

    private static bool Meet(PixelBox a, PixelBox b) => a.X < b.Right && b.X < a.Right && a.Y < b.Bottom && b.Y < a.Bottom;
}
