using System.Runtime.InteropServices;
using PocketSam.Kernels;
using PocketSam.Models;
using PocketSam.Tensors;

namespace PocketSam.Segmentation.Everything;

/// <summary>Asks at the points of one crop and keeps what is good enough.</summary>
internal sealed unsafe class CropSearch
{
    /// <summary>The hierarchical mode's first grid has this many times fewer points along a side (TinySAM).</summary>
    private const int CoarseFactor = 4;

    /// <summary>A box this near to the edge of a crop was probably cut by it, pixels (SAM's generator).</summary>
    private const int EdgeDistance = 20;

    /// <summary>A point and the token that says there is no box.</summary>
    private const int PointTokens = 2;

    private readonly Sam _sam;
    private readonly ImageEmbedding _embedding;
    private readonly MaskGeneratorOptions _options;
    private readonly PixelBox _crop;
    private readonly int _width;
    private readonly int _height;
    private readonly List<MaskRecord> _found = [];

    /// <param name="sam">The model.</param>
    /// <param name="embedding">Of the crop.</param>
    /// <param name="options">What to keep.</param>
    /// <param name="crop">Where the crop lies in the picture.</param>
    /// <param name="width">Pixels in a row of the picture.</param>
    /// <param name="height">Its rows.</param>
    public CropSearch(Sam sam, ImageEmbedding embedding, MaskGeneratorOptions options, PixelBox crop, int width, int height)
    {
        (_sam, _embedding, _options, _crop, _width, _height) = (sam, embedding, options, crop, width, height);
    }

    /// <summary>The masks that stay, best first; <paramref name="report"/> is told points asked, points in all, masks.</summary>
    public List<MaskRecord> Run(int pointsPerSide, Action<int, int, int> report, CancellationToken cancellation)
    {
        List<(double X, double Y)> points = PointGrid.Of(pointsPerSide, _crop.Width, _crop.Height);
        if (_options.Mode == MaskGeneratorMode.Hierarchical)
        {
            List<(double X, double Y)> coarse
                = PointGrid.Of(Math.Max(1, pointsPerSide / CoarseFactor), _crop.Width, _crop.Height);
            int all = coarse.Count + points.Count;
            bool[] covered = new bool[points.Count];
            Ask(coarse, points, covered, asked => report(asked, all, _found.Count), cancellation);
            points = [.. points.Where((_, i) => !covered[i])];
            Ask(points, [], [], asked => report(all - points.Count + asked, all, _found.Count), cancellation);
        }
        else
        {
            Ask(points, [], [], asked => report(asked, points.Count, _found.Count), cancellation);
        }

        return [.. BoxSuppression.Run(
            [.. _found.Select(m => m.Box)], [.. _found.Select(m => m.PredictedIou)], _options.BoxNmsThresh)
            .Select(i => _found[i])];
    }

    /// <summary>
    /// Asks for three masks at each point. Of the points <paramref name="later"/> those are marked that lie in a kept mask
    /// with confidence.
    /// </summary>
    private void Ask(
        List<(double X, double Y)> points, List<(double X, double Y)> later, bool[] covered, Action<int> report,
        CancellationToken cancellation)
    {
        BatchedMaskDecoder decoder = _sam.Model.BatchedDecoder;
        using ImageEmbedding.Loan loan = _embedding.Borrow();
        PreparedImage image = loan.Prepare(decoder);
        int side = _embedding.Geometry.MaskSide, limit = PromptsAtOnce(decoder, side);
        (int X, int Y)[] pixels = [.. later.Select(p => ToPixel(p))];
        for (int start = 0; start < points.Count; start += limit)
        {
            cancellation.ThrowIfCancellationRequested();
            List<(double X, double Y)> batch = points.GetRange(start, Math.Min(limit, points.Count - start));
            PromptToken[] tokens =
            [
                .. batch.SelectMany(p => new[]
                {
                    _embedding.Geometry.ToToken(p.X, p.Y, PointLabel.Foreground), PromptToken.Padding,
                }),
            ];
            using Tape tape = Tape.Inference();
            DecodedPrompts decoded = decoder.Decode(image, tokens, batch.Count, null);
            List<MaskChoice> choices = Choose(decoded, batch.Count);
            for (int first = 0; first < choices.Count; first += limit)
            {
                List<MaskChoice> some = choices.GetRange(first, Math.Min(limit, choices.Count - first));
                Keep(decoder, decoded, some, batch, pixels, covered);
            }

            report(start + batch.Count);
        }
    }

    /// <summary>Prompts whose rows, and a third of whose masks, fit into the budget.</summary>
    private int PromptsAtOnce(BatchedMaskDecoder decoder, int maskSide)
    {
        long each = ((long)_embedding.Side * _embedding.Side * _sam.Config.PromptEmbedDim + (long)maskSide * maskSide) * sizeof(float);
        return (int)Math.Clamp(_options.MemoryBudget / each, 1, decoder.PromptsAtOnce(_embedding.Side, PointTokens));
    }

    /// <summary>The masks for ambiguous prompts whose predicted IoU is high enough.</summary>
    private List<MaskChoice> Choose(DecodedPrompts decoded, int prompts)
    {
        List<MaskChoice> choices = [];
        int masks = decoded.Iou.Channels;
        for (int prompt = 0; prompt < prompts; prompt++)
        {
            for (int mask = 1; mask < masks; mask++)
            {
                if (_options.PredIouThresh == 0 || decoded.Iou.Span[prompt * masks + mask] > _options.PredIouThresh)
                    choices.Add(new MaskChoice(prompt, mask));
            }
        }

        return choices;
    }

    private void Keep(
        BatchedMaskDecoder decoder, DecodedPrompts decoded, List<MaskChoice> choices, List<(double X, double Y)> points,
        (int X, int Y)[] pixels, bool[] covered)
    {
        using Tape tape = Tape.Inference();
        Tensor logits = decoder.Upscale(decoded, CollectionsMarshal.AsSpan(choices));
        nint size = logits.Count / choices.Count;
        var records = new MaskRecord?[choices.Count];
        Workers.For(choices.Count, i =>
        {
            MaskChoice choice = choices[i];
            float iou = decoded.Iou.Span[choice.Prompt * decoded.Iou.Channels + choice.Mask];
            records[i] = Record(logits.Data + i * size, iou, points[choice.Prompt]);
        });
        for (int i = 0; i < choices.Count; i++)
        {
            if (records[i] is not { } record)
                continue;
            _found.Add(record);
            for (int p = 0; p < pixels.Length; p++)
            {
                if (!covered[p])
                    covered[p] = _embedding.Upsampler.Logit(logits.Data + i * size, pixels[p].X, pixels[p].Y) > _options.HighScoreThresh;
            }
        }
    }

    /// <summary>One mask as it is reported, or null where it is not good enough or was cut by the crop.</summary>
    private MaskRecord? Record(float* low, float predictedIou, (double X, double Y) point)
    {
        MaskPatch patch = _embedding.Upsampler.Patch(low, _options.StabilityScoreOffset);
        if (patch.Bits is not { } bits || patch.Stability < _options.StabilityScoreThresh)
            return null;
        PixelBox inner = bits.Bounds;
        if (inner.IsEmpty)
            return null;
        var box = new PixelBox(_crop.X + patch.Area.X + inner.X, _crop.Y + patch.Area.Y + inner.Y, inner.Width, inner.Height);
        if (IsCut(box))
            return null;
        return new MaskRecord
        {
            Segmentation = Rle.FromCrop(
                bits, patch.Area with { X = _crop.X + patch.Area.X, Y = _crop.Y + patch.Area.Y }, _width, _height),
            Area = bits.Area,
            Box = box,
            PredictedIou = predictedIou,
            StabilityScore = patch.Stability,
            PointCoords = [new PromptPoint(_crop.X + point.X, _crop.Y + point.Y, true)],
            CropBox = _crop,
        };
    }

    /// <summary>Whether an edge of the box lies near one of the crop that is not the picture's.</summary>
    private bool IsCut(PixelBox box)
    {
        return Near(box.X, _crop.X, 0) || Near(box.Y, _crop.Y, 0)
            || Near(box.Right - 1, _crop.Right, _width) || Near(box.Bottom - 1, _crop.Bottom, _height);

        static bool Near(int edge, int crop, int picture)
            => Math.Abs(edge - crop) <= EdgeDistance && Math.Abs(edge - picture) > EdgeDistance;
    }

    /// <summary>The pixel that a point of the grid lies in.</summary>
    private (int X, int Y) ToPixel((double X, double Y) point)
        => (Math.Min((int)point.X, _crop.Width - 1), Math.Min((int)point.Y, _crop.Height - 1));
}
