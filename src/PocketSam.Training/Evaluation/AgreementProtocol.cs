using System.Globalization;

namespace PocketSam.Training.Evaluation;

/// <summary>What a student and its teacher are both asked while an <see cref="AgreementEvaluator"/> compares them.</summary>
public sealed record AgreementProtocol
{
    /// <summary>
    /// Side of the square that distances are meant in: a picture's longest side is taken for this many pixels.
    /// </summary>
    public const int DistanceScale = 1024;

    /// <summary>The largest distance of two points: no two pixels of the square lie farther apart.</summary>
    public const int MaxDistance = 1446;

    private const string BoxName = "box";
    private const string ClickName = "1-click";
    private const string TwoPointsPrefix = "2-points-";

    private AgreementProtocol(string name, int distance)
    {
        Name = name;
        Distance = distance;
    }

    /// <summary>The ground-truth box, one mask.</summary>
    public static AgreementProtocol Box { get; } = new(BoxName, 0);

    /// <summary>
    /// A click on the object where <see cref="ClickSimulator"/> puts the first one. One mask is asked for, and then three,
    /// of which each model's first-ranked counts.
    /// </summary>
    public static AgreementProtocol Click { get; } = new(ClickName, 0);

    /// <summary>Box, click, and two points 100, 200, 300, 400 and 500 pixels apart.</summary>
    public static IReadOnlyList<AgreementProtocol> All { get; } =
        [Box, Click, .. Enumerable.Range(1, 5).Select(hundreds => TwoPoints(100 * hundreds))];

    /// <summary>As written on the command line and in reports: <c>box</c>, <c>1-click</c>, <c>2-points-100</c>.</summary>
    public string Name { get; }

    /// <summary>
    /// Pixels between the two points where the longest side has <see cref="DistanceScale"/>; 0 for what is not
    /// <see cref="TwoPoints"/>.
    /// </summary>
    public int Distance { get; }

    /// <summary>
    /// MobileSAM's Table 7 (Zhang et al., "Faster Segment Anything", 2023): a point on the object and one off it, one mask.
    /// </summary>
    /// <remarks>
    /// The paper states that there are a foreground and a background point, that the columns are their distance in
    /// pixels, 100 to 500, and that the masks are compared with those of the original SAM. It does not say where the
    /// points lie, in which pixels the distance is measured, or which of the masks counts. Our reading: the foreground
    /// point is the pixel of the object farthest from its edge; the background point is drawn by a fixed seed among the
    /// pixels of the picture outside of the object at that distance, to the nearest pixel; the distance is that at a
    /// longest side of <see cref="DistanceScale"/>, the input of SAM, since smaller pictures often have no such pixel at
    /// their own size; and the mask is the single one, as two points mean one thing. Objects without such a pixel are
    /// left out and counted.
    /// </remarks>
    /// <param name="distance">Pixels between the points, 1 to <see cref="MaxDistance"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">The distance is out of its range.</exception>
    public static AgreementProtocol TwoPoints(int distance)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(distance, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(distance, MaxDistance);
        return new AgreementProtocol(TwoPointsPrefix + distance.ToString(CultureInfo.InvariantCulture), distance);
    }

    /// <summary>Reads a name.</summary>
    /// <exception cref="FormatException">It is none.</exception>
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

    /// <summary>Reads names separated by commas, in their order.</summary>
    /// <exception cref="FormatException">A name is none, or occurs twice.</exception>
    public static IReadOnlyList<AgreementProtocol> ParseList(string text) => ProtocolList.Parse(text, Parse);

    /// <inheritdoc/>
    public override string ToString() => Name;
}
