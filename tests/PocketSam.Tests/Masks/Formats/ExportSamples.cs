using System.Text;
using PocketSam.Masks;

namespace PocketSam.Tests.Masks.Formats;

/// <summary>Pictures with masks, and what the formats make of them.</summary>
internal static class ExportSamples
{
    /// <summary>A part with a hole and a single pixel.</summary>
    public static readonly BinaryMask HoleAndPixel = MaskSamples.Parse("###..", "#.#..", "###.#", ".....");

    public static Annotation Annotate(BinaryMask mask) => new(mask) { PredictedIou = 0.875f, StabilityScore = 0.1f };

    public static AnnotatedPicture Picture(string path, params BinaryMask[] masks)
        => new(path, masks[0].Width, masks[0].Height, [.. masks.Select(Annotate)]);

    /// <summary>The masks' own file.</summary>
    public static string Text(string format, AnnotatedPicture picture, double tolerance = MaskFormat.DefaultTolerance)
        => Text(MaskFormats.Text[format].Files(picture, tolerance).First());

    public static string Text(MaskFile file)
    {
        using var stream = new MemoryStream();
        file.Write(stream);
        return Encoding.UTF8.GetString(stream.ToArray());
    }

    /// <summary>The inside of rings by the even-odd rule.</summary>
    public static BinaryMask Fill(IEnumerable<double[]> rings, int width, int height)
    {
        var mask = new BinaryMask(width, height);
        foreach (double[] ring in rings)
            mask.XorWith(PolygonRasterizer.Rasterize([ring], width, height));
        return mask;
    }
}
