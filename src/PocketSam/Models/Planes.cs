namespace PocketSam.Models;

/// <summary>Conversion to and from channels first, the layout of most other libraries.</summary>
internal static class Planes
{
    /// <summary>[rows, channels] to [channels, rows]</summary>
    public static float[] Of(ReadOnlySpan<float> rows, int channels)
    {
        float[] planes = new float[rows.Length];
        Transpose(rows, planes, rows.Length / channels, channels);
        return planes;
    }

    /// <summary>[channels, rows] to [rows, channels]</summary>
    public static void ToRows(ReadOnlySpan<float> planes, Span<float> rows, int channels)
        => Transpose(planes, rows, channels, planes.Length / channels);

    private static void Transpose(ReadOnlySpan<float> source, Span<float> target, int rows, int columns)
    {
        for (int r = 0; r < rows; r++)
            for (int c = 0; c < columns; c++)
                target[c * rows + r] = source[r * columns + c];
    }
}
