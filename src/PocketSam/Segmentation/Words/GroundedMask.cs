namespace PocketSam;

/// <summary>A mask that a phrase means.</summary>
/// <param name="Phrase">The phrase, as it was given.</param>
/// <param name="Score">How sure that is, 0 to 1: the probability of the phrase among those that it was compared with.</param>
/// <param name="Mask">The mask.</param>
public sealed record GroundedMask(string Phrase, float Score, GeneratedMask Mask)
{
    /// <summary>The best of all other words that the mask was compared with; null where there are none, or it is unlike all.</summary>
    public string? Rival { get; init; }

    /// <summary>The same without holes and islands smaller than a share of the mask.</summary>
    /// <param name="share">The share, 0 to 1; 0 changes nothing.</param>
    public GroundedMask RemoveSmallRegions(double share)
    {
        Rle runs = Mask.Segmentation.RemoveSmallRegions(share);
        return this with { Mask = Mask with { Segmentation = runs, Area = runs.Area, Box = runs.Bounds } };
    }

    /// <summary>
    /// Those that are answers: scores from the threshold on, the surest first. Of two masks of a phrase of which one lies in the other
    /// the larger stays where it is nearly as sure, else the surer; of duplicates too.
    /// </summary>
    /// <param name="candidates">Masks of one picture with their scores, of any phrases.</param>
    /// <param name="threshold">The least score, 0 to 1.</param>
    /// <param name="cancellation">Looked at between masks.</param>
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

        // A larger mask may have taken the place of several parts.
        return [.. chosen.DistinctBy(c => (c.Phrase, c.Mask))];
    }

    private static bool Meet(PixelBox a, PixelBox b) => a.X < b.Right && b.X < a.Right && a.Y < b.Bottom && b.Y < a.Bottom;
}
