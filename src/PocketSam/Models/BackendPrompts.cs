namespace PocketSam;

/// <summary>Prompts for several objects of one picture, of the same number of points, as an <see cref="IDecoderBackend"/> gets them.</summary>
public sealed class BackendPrompts
{
    internal BackendPrompts(ReadOnlyMemory<float> features, int side, int objects, int points)
        => (Features, Side, Objects, Points) = (features, side, objects, points);

    /// <summary>What the encoder found, [C, side, side].</summary>
    public ReadOnlyMemory<float> Features { get; }

    /// <summary>Rows and columns of the features.</summary>
    public int Side { get; }

    /// <summary>Number of objects.</summary>
    public int Objects { get; }

    /// <summary>Points of each, corners of boxes and the one that stands for no box included.</summary>
    public int Points { get; }

    /// <summary>x and y in pixels of the input, [objects, points, 2].</summary>
    public ReadOnlyMemory<float> Coordinates { get; internal init; }

    /// <summary>1 foreground, 0 background, 2 and 3 the corners of a box, -1 no point, [objects, points].</summary>
    public ReadOnlyMemory<float> Labels { get; internal init; }

    /// <summary>Logits of masks to start from, [objects, 4 side, 4 side]; empty for none.</summary>
    public ReadOnlyMemory<float> Masks { get; internal init; }
}
