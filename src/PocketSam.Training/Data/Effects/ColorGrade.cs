using System.Numerics;
using System.Runtime.InteropServices;

namespace PocketSam.Training.Data.Effects;

/// <summary>
/// A colour change of a whole picture: a 3 x 3 matrix (hue, saturation, cast, brightness), then contrast about middle
/// grey, then gamma.
/// </summary>
internal sealed class ColorGrade
{
    private const float MiddleGrey = 127.5f;

    /// <summary>Factor on every channel.</summary>
    public float Brightness { get; init; } = 1;

    /// <summary>Factor on the distance from middle grey.</summary>
    public float Contrast { get; init; } = 1;

    /// <summary>Factor on the distance from a pixel's own grey; 0 gives a grey picture.</summary>
    public float Saturation { get; init; } = 1;

    /// <summary>Rotation of the hue about the grey axis, in turns.</summary>
    public float HueTurns { get; init; }

    /// <summary>Exponent on values scaled to 0..1.</summary>
    public float Gamma { get; init; } = 1;

    /// <summary>Factors on red, green and blue.</summary>
    public Vector3 Cast { get; init; } = Vector3.One;

    public void Apply(PlanarImage image)
    {
        ReadOnlySpan<float> matrix = Matrix();
        for (int row = 0; row < image.Height; row++)
        {
            int start = row * image.Width;
            Transform(
                image.Red.Slice(start, image.Width), image.Green.Slice(start, image.Width),
                image.Blue.Slice(start, image.Width), matrix, MiddleGrey * (1 - Contrast));
        }

        if (Gamma != 1)
        {
            float[] curve = GammaCurve();
            for (int channel = 0; channel < 3; channel++)
                Bend(image.Plane(channel), curve);
        }
    }

    /// <summary>Contrast * Brightness * Cast * Saturation * Hue, row-major, first applied rightmost.</summary>
    private float[] Matrix()
    {
        // Rotation about (1,1,1): cos I + (1 - cos)/3 J + sin/sqrt(3) K
        float cos = PortableMath.CosTurns(HueTurns);
        float sin = PortableMath.SinTurns(HueTurns) / 1.7320508f;
        float same = cos + (1 - cos) / 3;
        float next = (1 - cos) / 3 - sin;
        float previous = (1 - cos) / 3 + sin;
        float[] hue = [same, next, previous, previous, same, next, next, previous, same];

        float[] result = new float[9];
        for (int column = 0; column < 3; column++)
        {
            Vector3 turned = new(hue[column], hue[3 + column], hue[6 + column]);
            Vector3 grey = new(0.299f * turned.X + 0.587f * turned.Y + 0.114f * turned.Z);
            Vector3 final = (grey + (turned - grey) * Saturation) * Cast * (Brightness * Contrast);
            result[column] = final.X;
            result[3 + column] = final.Y;
            result[6 + column] = final.Z;
        }

        return result;
    }

    private static void Transform(
        Span<float> red, Span<float> green, Span<float> blue, ReadOnlySpan<float> m, float offset)
    {
        Span<Vector<float>> reds = MemoryMarshal.Cast<float, Vector<float>>(red);
        Span<Vector<float>> greens = MemoryMarshal.Cast<float, Vector<float>>(green);
        Span<Vector<float>> blues = MemoryMarshal.Cast<float, Vector<float>>(blue);
        for (int i = 0; i < reds.Length; i++)
        {
            Vector<float> r = reds[i], g = greens[i], b = blues[i];
            reds[i] = r * m[0] + g * m[1] + b * m[2] + new Vector<float>(offset);
            greens[i] = r * m[3] + g * m[4] + b * m[5] + new Vector<float>(offset);
            blues[i] = r * m[6] + g * m[7] + b * m[8] + new Vector<float>(offset);
        }

        for (int i = reds.Length * Vector<float>.Count; i < red.Length; i++)
        {
            float r = red[i], g = green[i], b = blue[i];
            red[i] = r * m[0] + g * m[1] + b * m[2] + offset;
            green[i] = r * m[3] + g * m[4] + b * m[5] + offset;
            blue[i] = r * m[6] + g * m[7] + b * m[8] + offset;
        }
    }

    /// <summary>255 (v / 255)^gamma at v = 0 .. 256; the last entry is for the interpolation at 255.</summary>
    private float[] GammaCurve()
    {
        float[] curve = new float[257];
        for (int i = 1; i < curve.Length; i++)
            curve[i] = (float)(255 * PortableMath.Pow(i / 255.0, Gamma));
        return curve;
    }

    private static void Bend(Span<float> plane, ReadOnlySpan<float> curve)
    {
        foreach (ref float value in plane)
        {
            float clipped = Math.Min(Math.Max(value, 0f), 255f);
            int below = (int)clipped;
            value = curve[below] + (curve[below + 1] - curve[below]) * (clipped - below);
        }
    }
}
