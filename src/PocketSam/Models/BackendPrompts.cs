namespace PocketSam;

/// <summary>
/// The input of an <see cref="IDecoderBackend"/>: prompts for several
/// objects in one picture, all with the same number of points.
/// </summary>
public sealed class BackendPrompts
{
    internal BackendPrompts(ReadOnlyMemory<float> features, int side, int objects, int points)
        => (Features, Side, Objects, Points) = (features, side, objects, points);

    /// <summary>The encoder's features, <c>[C, Side, Side]</c>.</summary>
    public ReadOnlyMemory<float> Features { get; }

    /// <summary>Rows and columns of the features.</summary>
    public int Side { get; }

    /// <summary>Number of objects.</summary>
    public int Objects { get; }

    /// <summary>
    /// Points of each object, including the corners of boxes and the padding point of an object without a box.
    /// </summary>
    public int Points { get; }

    /// <summary>x and y of each point in pixels of the input, <c>[Objects, Points, 2]</c>.</summary>
    public ReadOnlyMemory<float> Coordinates { get; internal init; }

    /// <summary>
    /// Label of each point, <c>[Objects, Points]</c>: 1 foreground, 0
    /// background, 2 and 3 the corners of a box, -1 padding.
    /// </summary>
    public ReadOnlyMemory<float> Labels { get; internal init; }

    /// <summary>Logits of mask prompts, <c>[Objects, 4 Side, 4 Side]</c>; empty for none.</summary>
    public ReadOnlyMemory<float> Masks { get; internal init; }
}
