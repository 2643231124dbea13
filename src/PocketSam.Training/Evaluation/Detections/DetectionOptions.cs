namespace PocketSam.Training.Evaluation.Detections;

/// <summary>How detections are compared with objects.</summary>
public sealed record DetectionOptions
{
    /// <summary>Whether boxes are compared instead of masks (pycocotools' <c>bbox</c> instead of <c>segm</c>).</summary>
    public bool ComparesBoxes { get; init; }

    /// <summary>Whether a detection must be of the object's category (pycocotools' <c>useCats</c>); LVIS's rules always do.</summary>
    public bool UsesCategories { get; init; } = true;

    /// <summary>
    /// Whether LVIS's rules hold: at most 300 detections a picture; categories that a picture was not searched for are passed
    /// over, and so are further detections of those that were not marked exhaustively.
    /// </summary>
    public bool UsesLvisRules { get; init; }

    /// <summary>
    /// The best so many detections of a picture and category, three ascending numbers from 1 to 100,000: recall is told for
    /// each. LVIS's rules have 300 alone.
    /// </summary>
    public IReadOnlyList<int> MaxDetections { get; init; } = [1, 10, 100];

    /// <summary>Throws where an option is out of its range.</summary>
    internal void Validate()
    {
        if (MaxDetections is not [>= 1 and int first, int second, <= 100_000 and int third] || first >= second || second >= third)
            throw new ArgumentException("the largest numbers of detections are three ascending numbers from 1 to 100000");
        if (UsesLvisRules && !UsesCategories)
            throw new ArgumentException("LVIS's rules go by categories");
    }
}
