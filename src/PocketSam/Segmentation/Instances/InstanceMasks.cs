using PocketSam.Kernels;
using PocketSam.Kernels.Image;
using PocketSam.Kernels.Vectors;
using PocketSam.Models.Yolo;

namespace PocketSam.Segmentation.Instances;

/// <summary>
/// Makes masks at the picture's size from a network's output, by one of the rules (<see cref="MaskRule"/>). Only the
/// pixels in a mask's box are computed.
/// </summary>
internal sealed unsafe class InstanceMasks
{
    /// <summary>Pixels of the input along a side of a prototype's cell.</summary>
    private const int Cell = 4;

    /// <summary>Distance from zero of the stability score's two thresholds.</summary>
    private const float Margin = 1;

    /// <summary>The threshold of probabilities.</summary>
    private const float Half = 0.5f;

    private readonly YoloOutput _output;
    private readonly Letterbox _letterbox;
    private readonly MaskRule _rule;
    private readonly bool _snaps;

    /// <summary>The factor by which cells are enlarged before the padding is removed.</summary>
    private readonly int _enlarged;

    /// <summary>First column and row of the picture, in (enlarged) cells.</summary>
    private readonly int _left, _top;

    /// <summary>Taps from the picture's (enlarged) cells to pixels.</summary>
    private readonly BilinearTaps _columns, _rows;

    /// <summary>Taps from cells to enlarged cells; null without enlargement.</summary>
    private readonly BilinearTaps? _cellColumns, _cellRows;

    /// <param name="output">The network's output, which must stay valid while masks are made.</param>
    /// <param name="letterbox">The place of the picture in the input.</param>
    /// <param name="rule">The rule of the masks.</param>
    /// <param name="snaps">Whether boxes snap to near borders; null for the rule's choice.</param>
    public InstanceMasks(YoloOutput output, Letterbox letterbox, MaskRule rule, bool? snaps = null)
    {
        (_output, _letterbox, _rule) = (output, letterbox, rule);
        _snaps = snaps ?? rule == MaskRule.Published;
        int across = output.Prototypes.Width, down = output.Prototypes.Height, right, bottom;
        if (rule == MaskRule.Current)
        {
            int[] paddings = [letterbox.Left, letterbox.Top, letterbox.Right, letterbox.Bottom];
            _enlarged = new[] { 1, 2, Cell }.First(factor => paddings.All(padding => padding * factor % Cell == 0));
            (_left, _top) = (letterbox.Left * _enlarged / Cell, letterbox.Top * _enlarged / Cell);
            right = across * _enlarged - letterbox.Right * _enlarged / Cell;
            bottom = down * _enlarged - letterbox.Bottom * _enlarged / Cell;
            if (_enlarged > 1)
            {
                _cellColumns = new BilinearTaps(across, across * _enlarged);
                _cellRows = new BilinearTaps(down, down * _enlarged);
            }
        }
        else
        {
            _enlarged = 1;
            double gain = Math.Min((double)down / letterbox.Height, (double)across / letterbox.Width);
            double besides = (across - letterbox.Width * gain) / 2, above = (down - letterbox.Height * gain) / 2;
            (_left, _top, right, bottom) = ((int)besides, (int)above, (int)(across - besides), (int)(down - above));
        }

        _columns = new BilinearTaps(Math.Max(1, right - _left), letterbox.Width);
        _rows = new BilinearTaps(Math.Max(1, bottom - _top), letterbox.Height);
    }

    /// <summary>The masks, in the order of the detections; those without a pixel have an empty box.</summary>
    public GeneratedMask[] Make(IReadOnlyList<Detection> detections, CancellationToken cancellation)
    {
        var masks = new GeneratedMask[detections.Count];
        Workers.For(masks.Length, i =>
        {
            if (!cancellation.IsCancellationRequested)
                masks[i] = Make(detections[i]);
        });
        cancellation.ThrowIfCancellationRequested();
        return masks;
    }

    /// <summary>The box that crops the mask, in pixels of the picture.</summary>
    public EdgeBox PictureBox(EdgeBox box)
    {
        (int width, int height) = (_letterbox.Width, _letterbox.Height);
        if (_snaps)
            box = box.Snapped(_letterbox.InputWidth, _letterbox.InputHeight);
        float across, down, left, top;
        if (_rule == MaskRule.Current)
        {
            (across, down) = ((float)((double)_letterbox.ResizedWidth / width), (float)((double)_letterbox.ResizedHeight / height));
            (left, top) = (_letterbox.Left, _letterbox.Top);
        }
        else
        {
            double gain = Math.Min((double)_letterbox.InputHeight / height, (double)_letterbox.InputWidth / width);
            across = down = (float)gain;
            left = (float)Math.Round((_letterbox.InputWidth - width * gain) / 2 - 0.1);
            top = (float)Math.Round((_letterbox.InputHeight - height * gain) / 2 - 0.1);
        }

        return new EdgeBox((box.Left - left) / across, (box.Top - top) / down, (box.Right - left) / across, (box.Bottom - top) / down)
            .Within(width, height);
    }

    private GeneratedMask Make(Detection detection)
    {
        PixelBox box = PictureBox(detection.Box).Pixels(_letterbox.Width, _letterbox.Height);
        BinaryMask? bits = null;
        long sure = 0, possible = 0;
        if (!box.IsEmpty)
        {
            BilinearKernel.Part logits = Logits(detection.Anchor, box);
            bits = new BinaryMask(box.Width, box.Height);
            (float threshold, float margin) = _rule == MaskRule.Probability ? (Half, Sigmoid(Margin) - Half) : (0, Margin);
            fixed (ulong* words = bits.Words)
            {
                (sure, possible) = BilinearKernel.Threshold(
                    logits, _columns, _rows, box.X, box.Right, box.Y, box.Bottom, words, threshold, margin);
            }
        }

        Rle runs = bits is null
            ? Rle.FromCounts([_letterbox.Width * _letterbox.Height], _letterbox.Height, _letterbox.Width)
            : Rle.FromCrop(bits, box, _letterbox.Width, _letterbox.Height);
        return new GeneratedMask
        {
            Segmentation = runs,
            Area = runs.Area,
            Box = runs.Bounds,
            PredictedIou = detection.Score,
            StabilityScore = possible == 0 ? 0 : (float)((double)sure / possible),
            PointCoords = [],
            CropBox = new PixelBox(0, 0, _letterbox.Width, _letterbox.Height),
        };
    }

    /// <summary>
    /// The logits (or probabilities) that the pixels of a box depend on, in this thread's work memory.
    /// </summary>
    private BilinearKernel.Part Logits(int anchor, PixelBox box)
    {
        int left = _left + _columns.First[box.X], right = _left + _columns.Second[box.Right - 1] + 1;
        int top = _top + _rows.First[box.Y], bottom = _top + _rows.Second[box.Bottom - 1] + 1;
        BilinearKernel.Part part;
        if (_cellColumns is null || _cellRows is null)
        {
            part = Sums(anchor, left, right, top, bottom);
        }
        else
        {
            BilinearKernel.Part cells = Sums(
                anchor, _cellColumns.First[left], _cellColumns.Second[right - 1] + 1, _cellRows.First[top],
                _cellRows.Second[bottom - 1] + 1);
            float* enlarged = Scratch.Get(Scratch.Slot.Tokens, (nint)(right - left) * (bottom - top));
            BilinearKernel.Resize(cells, _cellColumns, _cellRows, left, right, top, bottom, enlarged);
            part = new BilinearKernel.Part((nint)enlarged, left, top, right - left);
        }

        return part with { X = part.X - _left, Y = part.Y - _top };
    }

    private static float Sigmoid(float x) => 1 / (1 + MathF.Exp(-x));

    private BilinearKernel.Part Sums(int anchor, int left, int right, int top, int bottom)
    {
        int count = (right - left) * (bottom - top);
        float* target = Scratch.Get(Scratch.Slot.Hidden, count);
        fixed (float* coefficients = _output.CoefficientsOf(anchor))
        {
            Simd.Run(new PrototypeKernel
            {
                Prototypes = _output.Prototypes, Coefficients = coefficients, Left = left, Top = top, Right = right, Bottom = bottom,
                Target = target,
            });
        }

        for (int i = 0; i < count && _rule == MaskRule.Probability; i++)
            target[i] = Sigmoid(target[i]);
        return new BilinearKernel.Part((nint)target, left, top, right - left);
    }
}
