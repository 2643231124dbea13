using System.Runtime.InteropServices;
using PocketSam.Kernels;
using PocketSam.Models;
using PocketSam.Tensors;

namespace PocketSam.Segmentation.Everything;

/// <summary>
/// Asks at the points of one crop and keeps what is good enough. Of the candidates box and scores are kept, and logits as
/// far as they fit into half of the budget; masks are made of those that no better one replaces, which are decoded once
/// more, to the same bits, where their logits were not kept.
/// </summary>
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
    private readonly List<MaskCandidate> _found = [];
    private nint _copied;

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
    public List<GeneratedMask> Run(int pointsPerSide, Action<int, int, int> report, CancellationToken cancellation)
    {
        List<(double X, double Y)> points = PointGrid.Of(pointsPerSide, _crop.Width, _crop.Height);
        if (_options.Mode == MaskGeneratorMode.Hierarchical)
        {
            List<(double X, double Y)> coarse
                = PointGrid.Of(Math.Max(1, pointsPerSide / CoarseFactor), _crop.Width, _crop.Height);
            int all = coarse.Count + points.Count;
            var covered = new Coverage(
                [.. points.Select(ToPixel)], _options.HighScoreThresh, _options.HighScoreVotes);
            Ask(coarse, covered, done => report(done, all, _found.Count), cancellation);

            // Grids of odd sides may share points.
            HashSet<(double X, double Y)> asked = [.. coarse];
            points = [.. points.Where((point, i) => !covered[i] && !asked.Contains(point))];
            Ask(points, null, done => report(all - points.Count + done, all, _found.Count), cancellation);
        }
        else
        {
            Ask(points, null, done => report(done, points.Count, _found.Count), cancellation);
        }

        List<int> kept = BoxSuppression.Run(
            [.. _found.Select(m => m.Box)], [.. _found.Select(m => m.PredictedIou)], _options.BoxNmsThresh, cancellation);
        List<GeneratedMask> masks = Make([.. kept.Select(i => _found[i])], cancellation);
        foreach (MaskCandidate candidate in _found)
        {
            if (candidate.Logits is { } logits)
                BufferPool.Return(logits);
        }

        GC.KeepAlive(_sam);
        return masks;
    }

    /// <summary>Asks for three masks at each point; <paramref name="covered"/> is told of those that are kept.</summary>
    private void Ask(
        List<(double X, double Y)> points, Coverage? covered, Action<int> report, CancellationToken cancellation)
    {
        int done = 0;
        Decode(
            points,
            (decoded, batch) =>
            {
                List<MaskChoice> choices = Choose(decoded, batch.Count);
                Upscale(decoded, choices, (logits, some) => Keep(decoded, logits, some, batch, done, covered));
                report(done += batch.Count);
            },
            cancellation);
    }

    /// <summary>The masks of candidates, in their order.</summary>
    private List<GeneratedMask> Make(List<MaskCandidate> candidates, CancellationToken cancellation)
    {
        var records = new GeneratedMask[candidates.Count];
        Workers.For(candidates.Count, i =>
        {
            if (candidates[i].Logits is { } logits)
                records[i] = Record(candidates[i], logits.Data);
        });
        var places = Enumerable.Range(0, candidates.Count).Where(i => candidates[i].Logits is null)
            .ToLookup(i => (candidates[i].X, candidates[i].Y));
        List<(double X, double Y)> points = [.. places.Select(group => group.Key)];
        Decode(
            points,
            (decoded, batch) =>
            {
                // Masks of a point follow each other: so are they made.
                List<(int Place, MaskChoice Choice)> wanted =
                [
                    .. batch.SelectMany((point, prompt) =>
                        places[point].Select(place => (place, new MaskChoice(prompt, candidates[place].Mask)))),
                ];
                int next = 0;
                Upscale(decoded, [.. wanted.Select(w => w.Choice)], (logits, some) =>
                {
                    nint size = logits.Count / some.Count;
                    int first = next;
                    Workers.For(some.Count, i =>
                    {
                        int place = wanted[first + i].Place;
                        records[place] = Record(candidates[place], logits.Data + i * size);
                    });
                    next += some.Count;
                });
            },
            cancellation);
        return [.. records];
    }

    /// <summary>Decodes points in batches, each on a tape of its own.</summary>
    private void Decode(
        List<(double X, double Y)> points, Action<DecodedPrompts, List<(double X, double Y)>> use,
        CancellationToken cancellation)
    {
        BatchedMaskDecoder decoder = _sam.Model.BatchedDecoder;
        using ImageEmbedding.Loan loan = _embedding.Borrow();
        PreparedImage image = loan.Prepare(decoder);
        for (int start = 0, limit = AtOnce; start < points.Count; start += limit)
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
            use(decoder.Decode(image, tokens, batch.Count, null), batch);
        }
    }

    /// <summary>Makes the logits of chosen masks, a few at a time.</summary>
    private void Upscale(DecodedPrompts decoded, List<MaskChoice> choices, Action<Tensor, List<MaskChoice>> use)
    {
        for (int start = 0, limit = AtOnce; start < choices.Count; start += limit)
        {
            List<MaskChoice> some = choices.GetRange(start, Math.Min(limit, choices.Count - start));
            using Tape tape = Tape.Inference();
            use(_sam.Model.BatchedDecoder.Upscale(decoded, CollectionsMarshal.AsSpan(some)), some);
        }
    }

    /// <summary>Prompts, or masks, at a time: image rows and logits of as many fit into the budget.</summary>
    private int AtOnce
    {
        get
        {
            int side = _embedding.Side, maskSide = _embedding.Geometry.MaskSide;
            long each = ((long)side * side * _sam.Config.FeatureChannels + (long)maskSide * maskSide) * sizeof(float);
            return (int)Math.Clamp(
                _options.MemoryBudget / each, 1, _sam.Model.BatchedDecoder.PromptsAtOnce(side, PointTokens));
        }
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

    /// <summary>Keeps what is stable and was not cut by the crop; <paramref name="before"/> points came before these.</summary>
    private void Keep(
        DecodedPrompts decoded, Tensor logits, List<MaskChoice> choices, List<(double X, double Y)> points, int before,
        Coverage? covered)
    {
        nint size = logits.Count / choices.Count;
        var measured = new (PixelBox Box, float Stability)[choices.Count];
        Workers.For(choices.Count, i =>
            measured[i] = _embedding.Upsampler.Measure(logits.Data + i * size, _options.StabilityScoreOffset));
        for (int i = 0; i < choices.Count; i++)
        {
            (PixelBox box, float stability) = measured[i];
            if (box.IsEmpty || stability < _options.StabilityScoreThresh || IsCut(box))
                continue;
            (int prompt, int mask) = choices[i];
            float* low = logits.Data + i * size;
            _found.Add(new MaskCandidate(
                points[prompt].X, points[prompt].Y, mask, box, decoded.Iou.Span[prompt * decoded.Iou.Channels + mask],
                stability, Copy(low, size)));
            covered?.Add(_embedding.Upsampler, low, before + prompt);
        }
    }

    /// <summary>The logits of a candidate, while there is room for more: it need not be decoded again then.</summary>
    private TensorBuffer? Copy(float* low, nint count)
    {
        if ((_copied + count) * sizeof(float) > _options.MemoryBudget / 2)
            return null;
        _copied += count;
        TensorBuffer copy = BufferPool.Rent(count);
        new Span<float>(low, (int)count).CopyTo(new Span<float>(copy.Data, (int)count));
        return copy;
    }

    private GeneratedMask Record(MaskCandidate candidate, float* low)
    {
        BinaryMask bits = _embedding.Upsampler.Crop(low, candidate.Box);
        PixelBox box = candidate.Box with { X = _crop.X + candidate.Box.X, Y = _crop.Y + candidate.Box.Y };
        return new GeneratedMask
        {
            Segmentation = Rle.FromCrop(bits, box, _width, _height),
            Area = bits.Area,
            Box = box,
            PredictedIou = candidate.PredictedIou,
            StabilityScore = candidate.Stability,
            PointCoords = [new PromptPoint(_crop.X + candidate.X, _crop.Y + candidate.Y, true)],
            CropBox = _crop,
        };
    }

    /// <summary>Whether an edge of the box lies near one of the crop that is not the picture's.</summary>
    private bool IsCut(PixelBox box)
    {
        return Near(box.X, 0, _crop.X, 0) || Near(box.Y, 0, _crop.Y, 0)
            || Near(box.Right - 1, _crop.Width, _crop.X, _width) || Near(box.Bottom - 1, _crop.Height, _crop.Y, _height);

        static bool Near(int edge, int crop, int offset, int picture)
            => Math.Abs(edge - crop) <= EdgeDistance && Math.Abs(edge + offset - picture) > EdgeDistance;
    }

    /// <summary>The pixel that a point of the grid lies in.</summary>
    private (int X, int Y) ToPixel((double X, double Y) point)
        => (Math.Min((int)point.X, _crop.Width - 1), Math.Min((int)point.Y, _crop.Height - 1));
}
