using PocketSam.Models.Yolo;

namespace PocketSam.Segmentation.Instances;

/// <summary>
/// Selects boxes from a network's output: those above a score, best first, without those that overlap a better one.
/// </summary>
internal static class DetectionSearch
{
    /// <summary>Most boxes to test.</summary>
    private const int MaxCandidates = 30_000;

    /// <summary>Selects boxes; among equal scores the earlier anchor comes first.</summary>
    /// <param name="output">The network's output.</param>
    /// <param name="confidence">Boxes with higher scores stay, 0 to 1.</param>
    /// <param name="iou">Largest permitted IoU with a better box, 0 to 1.</param>
    /// <param name="most">Most boxes to keep.</param>
    /// <param name="cancellation">Checked before each box.</param>
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
