namespace PocketSam.Segmentation;

/// <summary>
/// The part of a picture around an object, which is encoded by itself for a closer look. Its masks are combined with
/// those of the whole picture: the mean of both logits at each place.
/// </summary>
internal sealed class ZoomWindow
{
    /// <summary>Side of the window over the longest side of what it is around.</summary>
    private const int Margin = 2;

    /// <summary>The least side in pixels: below, pixels are enlarged and show nothing more.</summary>
    private const int LeastSide = 32;

    /// <summary>The least number of times that the window shows things larger than the whole picture does.</summary>
    private const double LeastGain = 1.25;

    private readonly ImageGeometry _whole;
    private readonly ImageGeometry _part;

    /// <summary>The resampling from the whole picture's places to the window's, and back.</summary>
    private readonly LogitAxis _columns, _rows, _columnsBack, _rowsBack;

    private ZoomWindow(PixelBox box, ImageGeometry whole)
    {
        Box = box;
        _whole = whole;
        _part = ImageGeometry.For(box.Width, box.Height, whole.InputSize, whole.SideMultiple);
        _columns = Axis(whole.Width, whole.ResizedWidth, 0, box.Width, _part.ResizedWidth, box.X);
        _rows = Axis(whole.Height, whole.ResizedHeight, 0, box.Height, _part.ResizedHeight, box.Y);
        _columnsBack = Axis(box.Width, _part.ResizedWidth, box.X, whole.Width, whole.ResizedWidth, 0);
        _rowsBack = Axis(box.Height, _part.ResizedHeight, box.Y, whole.Height, whole.ResizedHeight, 0);
    }

    /// <summary>The window in the picture.</summary>
    public PixelBox Box { get; }

    /// <summary>
    /// A square around the mask found first and all of the prompt, in its middle where the picture allows; null if it
    /// would show the object hardly larger than the whole picture does.
    /// </summary>
    /// <param name="prompt">The prompt, which fits the picture.</param>
    /// <param name="found">The box of the mask; may be empty.</param>
    /// <param name="whole">The picture in the model's input.</param>
    public static ZoomWindow? Around(Prompt prompt, PixelBox found, ImageGeometry whole)
    {
        (double left, double top, double right, double bottom) = (double.MaxValue, double.MaxValue, 0, 0);
        foreach (PromptPoint point in prompt.Points)
            Include(point.X, point.Y, Math.Floor(point.X) + 1, Math.Floor(point.Y) + 1);
        if (prompt.BoundingBox?.Within(whole.Width, whole.Height) is { } box)
            Include(box.Left, box.Top, box.Right, box.Bottom);
        if (!found.IsEmpty)
            Include(found.X, found.Y, found.Right, found.Bottom);
        if (prompt.InitialMask is { Bounds: var marked })
            Include(marked.X, marked.Y, marked.Right, marked.Bottom);
        if (right <= left)
            return null;

        int side = (int)Math.Max(LeastSide, Math.Ceiling(Margin * Math.Max(right - left, bottom - top)));
        int width = Math.Min(side, whole.Width), height = Math.Min(side, whole.Height);
        if (Math.Max(whole.Width, whole.Height) < LeastGain * Math.Max(width, height))
            return null;
        return new ZoomWindow(new PixelBox(Start(left, right, width, whole.Width), Start(top, bottom, height, whole.Height), width, height), whole);

        void Include(double l, double t, double r, double b)
            => (left, top, right, bottom) = (Math.Min(left, l), Math.Min(top, t), Math.Max(right, r), Math.Max(bottom, b));

        static int Start(double low, double high, int length, int all)
            => Math.Clamp((int)Math.Round((low + high - length) / 2), 0, all - length);
    }

    /// <summary>
    /// The prompt that finds a mask of the whole picture again, in the pixels of the window. A box or a mask tells how large
    /// the object is; points alone do not, so the mask that was found is given with them.
    /// </summary>
    /// <param name="prompt">The prompt, which fits the picture.</param>
    /// <param name="found">The mask found in the whole picture.</param>
    public Prompt ToWindow(Prompt prompt, Mask found)
    {
        Prompt inside = prompt.InWindow(Box, prompt.PreviousLogits is { } logits ? ToWindow(logits) : null);
        return prompt.BoundingBox is null && !prompt.HasMask ? inside.WithMask(ToWindow(found.Logits)) : inside;
    }

    /// <summary>
    /// Masks of the whole picture, made better by those of the window. A mask that the window cuts stays as it is.
    /// </summary>
    /// <param name="whole">The masks found in the whole picture.</param>
    /// <param name="part">The same masks found in the window.</param>
    /// <param name="upsampler">Resamples logits to the window's size.</param>
    public Mask[] Combine(IReadOnlyList<Mask> whole, IReadOnlyList<Mask> part, MaskUpsampler upsampler)
    {
        MaskLogits[] mean = [.. whole.Zip(part, (a, b) => Mean(ToWindow(a.Logits), b.Logits))];
        (BinaryMask Bits, float Stability)[] bits = upsampler.Run(mean);
        return [.. whole.Select((mask, i) => IsCut(mask.Box) ? mask : new Mask(
            Rle.FromCrop(bits[i].Bits, Box, _whole.Width, _whole.Height).ToMask(), (mask.PredictedIou + part[i].PredictedIou) / 2,
            bits[i].Stability, ToWhole(mean[i], mask.Logits)))];
    }

    private static MaskLogits Mean(MaskLogits a, MaskLogits b)
    {
        float[] mean = new float[a.Values.Length];
        System.Numerics.Tensors.TensorPrimitives.Add(a.Values, b.Values, mean);
        System.Numerics.Tensors.TensorPrimitives.Multiply(mean, 0.5f, mean);
        return new MaskLogits(a.Side, mean);
    }

    private bool IsCut(PixelBox mask)
        => !mask.IsEmpty && (mask.X < Box.X || mask.Y < Box.Y || mask.Right > Box.Right || mask.Bottom > Box.Bottom);

    /// <summary>Logits of the whole picture at the places of the window's.</summary>
    private MaskLogits ToWindow(MaskLogits logits)
    {
        int side = _part.MaskSide;
        float[] values = new float[side * side];
        for (int y = 0; y < side; y++)
        {
            for (int x = 0; x < side; x++)
                values[y * side + x] = LogitAxis.Sample(logits, _columns, x, _rows, y);
        }

        return new MaskLogits(side, values);
    }

    /// <summary>Logits of the whole picture, with those of the window at the places in it.</summary>
    private MaskLogits ToWhole(MaskLogits window, MaskLogits around)
    {
        int side = _whole.MaskSide;
        float[] values = around.Values.ToArray();
        for (int y = 0; y < side; y++)
        {
            for (int x = 0; x < side; x++)
            {
                if (_columnsBack.IsInside(x) && _rowsBack.IsInside(y))
                    values[y * side + x] = LogitAxis.Sample(window, _columnsBack, x, _rowsBack, y);
            }
        }

        return new MaskLogits(side, values);
    }

    private LogitAxis Axis(int sourcePixels, int sourceResized, int sourceStart, int targetPixels, int targetResized, int targetStart)
    {
        double sourceCell = (double)SamConfig.MaskStride * sourcePixels / sourceResized, targetCell = (double)SamConfig.MaskStride * targetPixels / targetResized;
        return new LogitAxis(
            _whole.MaskSide, (sourceResized + SamConfig.MaskStride - 1) / SamConfig.MaskStride, targetCell / sourceCell,
            (targetStart - sourceStart) / sourceCell);
    }
}
