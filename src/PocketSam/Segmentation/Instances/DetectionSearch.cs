using PocketSam.Models.Yolo;

namespace PocketSam.Segmentation.Instances;

/// <summary>The boxes that stay of what a network found: those above a score, best first, without those that overlap a better one.</summary>
internal static class DetectionSearch
{
    /// <summary>Boxes that are looked at.</summary>
    private const int MaxCandidates = 30_000;

    /// <summary>Of equal scores the earlier anchor comes first.</summary>
    /// <param name="output">What the network found.</param>
    /// <param name="confidence">Boxes stay with higher scores.</param>
    /// <param name="iou">A box goes whose IoU with a better one that stays is higher.</param>
    /// <param name="most">How many stay at most.</param>
    /// <param name="cancellation">Looked at before each box.</param>
    public static List<Detection> Run(YoloOutput output, float confidence, float iou, int most, CancellationToken cancellation)
    {
        var candidates = new List<Detection>();
        float least = YoloOutput.LogitOf(confidence);
        for (int anchor = 0; anchor < output.Anchors; anchor++)
        {
            if (output.ScoreLogit(anchor) < least || output.Score(anchor) is var score && !(score > confidence))
                continue;
            (float x, float y, float width, float height) = output.Box(anchor);
            candidates.Add(new Detection(
                anchor, output.Score(anchor), new EdgeBox(x - width / 2, y - height / 2, x + width / 2, y + height / 2)));
        }

        var kept = new List<Detection>();
        foreach (Detection candidate in candidates.OrderByDescending(c => c.Score).Take(MaxCandidates))
        {
            cancellation.ThrowIfCancellationRequested();
            if (kept.Count == most)
                break;
            if (kept.TrueForAll(better => better.Box.Iou(candidate.Box) <= iou))
                kept.Add(candidate);
        }

        return kept;
    }
}
