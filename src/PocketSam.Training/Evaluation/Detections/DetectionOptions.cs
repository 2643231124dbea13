namespace PocketSam.Training.Evaluation.Detections;

/// <summary>The rules by which detections are compared with ground-truth objects.</summary>
public sealed record DetectionOptions
{
    /// <summary>Whether boxes are compared instead of masks (pycocotools' <c>bbox</c> instead of <c>segm</c>).</summary>
    public bool ComparesBoxes { get; init; }

    /// <summary>
    /// Whether a detection must have the object's category (pycocotools' <c>useCats</c>). LVIS's rules require it.
    /// </summary>
    public bool UsesCategories { get; init; } = true;

    /// <summary>
    /// Whether LVIS's rules apply: at most 300 detections per picture. Detections of categories that a picture was not
    /// searched for are skipped, as are unmatched detections of categories that are not annotated exhaustively in the
    /// picture.
    /// </summary>
    public bool UsesLvisRules { get; init; }

    /// <summary>
    /// Limits of detections of a picture and category: three ascending numbers from 1 to 100,000. Recall is reported at
    /// each. LVIS's rules use 300 only.
    /// </summary>
    public IReadOnlyList<int> MaxDetections { get; init; } = [1, 10, 100];

    /// <summary>Throws if an option is out of range.</summary>
    internal void Validate()
    {
        if (MaxDetections is not [>= 1 and int first, int second, <= 100_000 and int third] || first >= second || second >= third)
            throw new ArgumentException("the largest numbers of detections are three ascending numbers from 1 to 100000");
        if (UsesLvisRules && !UsesCategories)
            throw new ArgumentException("LVIS's rules go by categories");
    }
}
