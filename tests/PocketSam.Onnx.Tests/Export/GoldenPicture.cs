namespace PocketSam.Tests.Onnx;

/// <summary>A golden file: a picture, prompts and what the Python reference makes of them.</summary>
internal sealed class GoldenPicture(string file)
{
    /// <summary>Side of the reference's input, and of its low-resolution logits.</summary>
    public const int Size = 1024, LowSide = 256;

    public static readonly string[] Cases = ["point", "point_single", "points", "box", "box_point", "point_mask"];

    private readonly Checkpoint _golden = GoldenFiles.Read(file);

    public ImageGeometry Geometry => ImageGeometry.For(Image.Width, Image.Height, Size);

    public RgbImage Image => GoldenFiles.Image(_golden.Tensors["image"]);

    /// <summary>The picture as the encoder gets it, before it is normalised.</summary>
    public RgbImage Resized => GoldenFiles.Image(_golden.Tensors["resized"]);

    /// <summary>[256, 64, 64]</summary>
    public float[] Embedding => _golden.Tensors["embedding"].ToFloats();

    /// <summary>Normalised, padded planes [3, S, S].</summary>
    public float[] Planes()
    {
        float[] mean = [123.675f, 116.28f, 103.53f], deviation = [58.395f, 57.12f, 57.375f];
        RgbImage image = Resized;
        float[] planes = new float[3 * Size * Size];
        for (int y = 0; y < image.Height; y++)
            for (int x = 0; x < image.Width; x++)
                for (int c = 0; c < 3; c++)
                    planes[(c * Size + y) * Size + x] = (image.Pixels[(y * image.Width + x) * 3 + c] - mean[c]) / deviation[c];
        return planes;
    }

    /// <summary>Points and corners in pixels of the input, with the point that stands for no box.</summary>
    public (float[] Coordinates, float[] Labels) Prompt(string name, bool isPadded = true)
    {
        List<float> coordinates = [], labels = [];
        if (_golden.Tensors.TryGetValue(name + ".points", out StoredTensor? points))
        {
            coordinates.AddRange(points.ToFloats());
            labels.AddRange(_golden.Tensors[name + ".labels"].ToFloats());
        }

        bool hasBox = _golden.Tensors.TryGetValue(name + ".box", out StoredTensor? box);
        if (hasBox)
        {
            // The reference puts points first, then corners.
            coordinates.AddRange(box!.ToFloats());
            labels.AddRange([2, 3]);
        }

        for (int i = 0; i < coordinates.Count; i++)
        {
            coordinates[i] *= i % 2 == 0
                ? (float)Geometry.ResizedWidth / Geometry.Width : (float)Geometry.ResizedHeight / Geometry.Height;
        }

        if (!hasBox && isPadded)
        {
            coordinates.AddRange([0, 0]);
            labels.Add(-1);
        }

        return ([.. coordinates], [.. labels]);
    }

    /// <summary>The mask prompt of a case, all zero where it has none.</summary>
    public (float[] Logits, bool HasMask) MaskPrompt(string name) => name == "point_mask"
        ? (_golden.Tensors["box_point.prev"].ToFloats(), true) : (new float[LowSide * LowSide], false);

    public float[] Low(string name) => _golden.Tensors[name + ".low"].ToFloats();

    public float[] Iou(string name) => _golden.Tensors[name + ".iou"].ToFloats();

    /// <summary>A mask at the picture's size.</summary>
    public bool[] Mask(string name, int number)
    {
        ReadOnlySpan<byte> bits = _golden.Tensors[name + ".mask"].ToBytes();
        int bytes = bits.Length / Iou(name).Length;
        bool[] mask = new bool[Image.Width * Image.Height];
        for (int i = 0; i < mask.Length; i++)
            mask[i] = (bits[number * bytes + i / 8] >> (7 - i % 8) & 1) != 0;
        return mask;
    }
}
