using System.Globalization;

namespace PocketSam.Training.Evaluation;

/// <summary>
/// How a student and its teacher are prompted while an <see cref="AgreementEvaluator"/> compares them.
/// </summary>
public sealed record AgreementProtocol
{
    /// <summary>The scale of distances: they are given for a picture whose longest side has this many pixels.</summary>
    public const int DistanceScale = 1024;

    /// <summary>
    /// The largest distance: a square of side <see cref="DistanceScale"/> has no pixels farther apart.
    /// </summary>
    public const int MaxDistance = 1446;

    private const string BoxName = "box";
    private const string ClickName = "1-click";
    private const string TwoPointsPrefix = "2-points-";

    private AgreementProtocol(string name, int distance)
    {
        Name = name;
        Distance = distance;
    }

    /// <summary>A box prompt, the bounding box of the ground truth; one mask.</summary>
    public static AgreementProtocol Box { get; } = new(BoxName, 0);

    /// <summary>
    /// One click, at the point that <see cref="ClickSimulator"/> gives for the first click. The models predict a single
    /// mask, and then three masks, of which the one ranked first by each model is compared.
    /// </summary>
    public static AgreementProtocol Click { get; } = new(ClickName, 0);

    /// <summary>Box, click, and two points 100, 200, 300, 400 and 500 pixels apart.</summary>
    public static IReadOnlyList<AgreementProtocol> All { get; } =
        [Box, Click, .. Enumerable.Range(1, 5).Select(hundreds => TwoPoints(100 * hundreds))];

    /// <summary>The name on the command line and in reports: <c>box</c>, <c>1-click</c>, <c>2-points-100</c>.</summary>
    public string Name { get; }

    /// <summary>
    /// Distance of the two points, in pixels at a longest side of <see cref="DistanceScale"/>; 0 for protocols other
    /// than <see cref="TwoPoints"/>.
    /// </summary>
    public int Distance { get; }

    /// <summary>
    /// MobileSAM's Table 7 (Zhang et al., arXiv:2306.14289): a foreground and a background point, one mask.
    /// </summary>
    /// <remarks>
    /// The paper states that there is a foreground and a background point, that the columns are their distance in
    /// pixels, 100 to 500, and that the masks are compared with those of the original SAM. It does not state where the
    /// points are, at which image size the distance is measured, or which of the masks is used. Here, the foreground
    /// point is the pixel of the object farthest from its edge. The background point is drawn with a fixed seed from
    /// the pixels outside of the object at that distance, to the nearest pixel. The distance is that at a longest side
    /// of <see cref="DistanceScale"/>, the input of SAM, because smaller pictures often have no such pixel at their own
    /// size. The mask is the single one, because two points are not ambiguous. Objects without such a pixel are left
    /// out and counted.
    /// </remarks>
    /// <param name="distance">Distance of the points in pixels, 1 to <see cref="MaxDistance"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">The distance is out of range.</exception>
    public static AgreementProtocol TwoPoints(int distance)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(distance, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(distance, MaxDistance);
        return new AgreementProtocol(TwoPointsPrefix + distance.ToString(CultureInfo.InvariantCulture), distance);
    }

    /// <summary>Parses a name.</summary>
    /// <exception cref="FormatException">It is not the name of a protocol.</exception>
    public static AgreementProtocol Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text == BoxName)
            return Box;
        if (text == ClickName)
            return Click;
        if (text.StartsWith(TwoPointsPrefix, StringComparison.Ordinal)
            && int.TryParse(
                text.AsSpan(TwoPointsPrefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out int distance)
            && distance is >= 1 and <= MaxDistance)
        {
            return TwoPoints(distance);
        }

        throw new FormatException(
            $"'{text}' is no protocol of agreement; there are '{BoxName}', '{ClickName}' and '{TwoPointsPrefix}D', "
            + $"D being 1 to {MaxDistance} pixels");
    }

    /// <summary>Parses names separated by commas, in their order.</summary>
    /// <exception cref="FormatException">A name is unknown, or occurs twice.</exception>
    public static IReadOnlyList<AgreementProtocol> ParseList(string text) => ProtocolList.Parse(text, Parse);

    /// <inheritdoc/>
    public override string ToString() => Name;
}
