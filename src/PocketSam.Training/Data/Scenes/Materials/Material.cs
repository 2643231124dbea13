namespace PocketSam.Training.Data.Scenes.Materials;

/// <summary>
/// What a surface looks like in even light: a pattern through a ramp of colours, markings over it, and a finer pattern
/// that lightens and darkens.
/// </summary>
internal sealed class Material
{
    // Longest row worked on at once, so that the scratch rows fit on the stack.
    private const int Chunk = 256;

    /// <summary>Colours at the values 0, 1/2 and 1 of the base pattern.</summary>
    public required (Color Low, Color Middle, Color High) Ramp { get; init; }

    /// <summary>None: the low colour everywhere.</summary>
    public Pattern? Base { get; init; }

    public Pattern? Markings { get; init; }

    /// <summary>The colour where the markings are 1.</summary>
    public Color MarkingColor { get; init; }

    public Pattern? Detail { get; init; }

    /// <summary>The detail pattern's 0 and 1 darken and lighten by this fraction.</summary>
    public float DetailStrength { get; init; }

    public static Material Flat(Color color) => new() { Ramp = (color, color, color) };

    /// <summary>The colours of the pixels from (x, y) rightwards.</summary>
    public void Row(int x, int y, Span<float> red, Span<float> green, Span<float> blue)
    {
        for (int start = 0; start < red.Length; start += Chunk)
        {
            int count = Math.Min(Chunk, red.Length - start);
            RowChunk(x + start, y, red.Slice(start, count), green.Slice(start, count), blue.Slice(start, count));
        }
    }

    private void RowChunk(int x, int y, Span<float> red, Span<float> green, Span<float> blue)
    {
        Span<float> values = stackalloc float[Chunk];
        values = values[..red.Length];
        if (Base == null)
        {
            red.Fill(Ramp.Low.R);
            green.Fill(Ramp.Low.G);
            blue.Fill(Ramp.Low.B);
        }
        else
        {
            Base.Row(x, y, values);
            PaintRamp(values, red, green, blue);
        }

        if (Markings != null)
        {
            Markings.Row(x, y, values);
            for (int i = 0; i < values.Length; i++)
            {
                red[i] += (MarkingColor.R - red[i]) * values[i];
                green[i] += (MarkingColor.G - green[i]) * values[i];
                blue[i] += (MarkingColor.B - blue[i]) * values[i];
            }
        }

        if (Detail != null)
        {
            Detail.Row(x, y, values);
            for (int i = 0; i < values.Length; i++)
            {
                float factor = 1 + DetailStrength * (2 * values[i] - 1);
                red[i] *= factor;
                green[i] *= factor;
                blue[i] *= factor;
            }
        }
    }

    private void PaintRamp(ReadOnlySpan<float> values, Span<float> red, Span<float> green, Span<float> blue)
    {
        (Color low, Color middle, Color high) = Ramp;
        for (int i = 0; i < values.Length; i++)
        {
            float up = Math.Min(2 * values[i], 1);
            float over = Math.Max(2 * values[i] - 1, 0);
            red[i] = low.R + (middle.R - low.R) * up + (high.R - middle.R) * over;
            green[i] = low.G + (middle.G - low.G) * up + (high.G - middle.G) * over;
            blue[i] = low.B + (middle.B - low.B) * up + (high.B - middle.B) * over;
        }
    }
}
