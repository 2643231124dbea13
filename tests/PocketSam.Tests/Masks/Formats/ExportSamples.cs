using System.Text;
using PocketSam.Masks;

namespace PocketSam.Tests.Masks.Formats;

/// <summary>Pictures with masks, and what the formats make of them.</summary>
internal static class ExportSamples
{
    /// <summary>A part with a hole and a single pixel.</summary>
    public static readonly BinaryMask HoleAndPixel = MaskSamples.Parse("###..", "#.#..", "###.#", ".....");

    /// <summary>All formats, exact where they have a choice.</summary>
    public static IEnumerable<MaskFileFormat> Formats =>
    [
        new EverythingFormat(), new CocoFormat(), new CocoFormat(0), new YoloFormat(0), new LabelMeFormat(0),
        new SvgFormat(0), new GeoJsonFormat(0),
    ];

    public static GeneratedMask Record(BinaryMask mask) => new()
    {
        Segmentation = Rle.Encode(mask),
        Area = mask.Area,
        Box = mask.Bounds,
        PredictedIou = 0.875f,
        StabilityScore = 0.1f,
        PointCoords = [new PromptPoint(1.5, 2)],
        CropBox = new PixelBox(0, 0, mask.Width, mask.Height),
    };

    public static AnnotatedPicture Picture(string path, params BinaryMask[] masks)
        => new(path, masks[0].Width, masks[0].Height, [.. masks.Select(Record)]);

    public static string Text(MaskFileFormat format, AnnotatedPicture picture)
    {
        using var stream = new MemoryStream();
        format.Write(stream, picture);
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
