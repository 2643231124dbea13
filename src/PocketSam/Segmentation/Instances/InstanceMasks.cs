using PocketSam.Kernels;
using PocketSam.Kernels.Image;
using PocketSam.Kernels.Vectors;
using PocketSam.Models.Yolo;

namespace PocketSam.Segmentation.Instances;

/// <summary>
/// Makes masks of the picture's size of what a network found in its input, by one of the rules (<see cref="MaskRule"/>). Only the
/// pixels of a mask's box are computed.
/// </summary>
internal sealed unsafe class InstanceMasks
{
    /// <summary>Pixels of the input along a side of a prototype's cell.</summary>
    private const int Cell = 4;

    /// <summary>Distance from zero of the two thresholds of the stability score.</summary>
    private const float Margin = 1;

    /// <summary>Where probabilities are cut.</summary>
    private const float Half = 0.5f;

    private readonly YoloOutput _output;
    private readonly Letterbox _letterbox;
    private readonly MaskRule _rule;
    private readonly bool _snaps;

    /// <summary>How often cells are divided before the padding is cut off.</summary>
    private readonly int _enlarged;

    /// <summary>Where the picture begins in (enlarged) cells.</summary>
    private readonly int _left, _top;

    /// <summary>How pixels are made of (enlarged) cells of the picture.</summary>
    private readonly BilinearTaps _columns, _rows;

    /// <summary>How enlarged cells are made of cells.</summary>
    private readonly BilinearTaps? _cellColumns, _cellRows;

    /// <param name="output">What the network found; it is read as long as masks are made.</param>
    /// <param name="letterbox">How the picture lies in its input.</param>
    /// <param name="rule">How masks are made.</param>
    /// <param name="snaps">Whether boxes go to borders that are near; null for what the rule says.</param>
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

    /// <summary>The box in pixels of the picture that the mask is cut to.</summary>
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

    /// <summary>What the pixels of a box are made of, in this thread's work memory.</summary>
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
