using PocketSam.Kernels;
using PocketSam.Models;
using PocketSam.Tensors;

namespace PocketSam.Segmentation.Everything;

/// <summary>
/// Prompts a model at the points of one crop and keeps the good masks. Each candidate keeps its box and scores, and its
/// logits if they fit into half of the memory budget. Masks are made of the candidates that survive suppression; those
/// without kept logits are decoded again, with the same bits.
/// </summary>
internal sealed unsafe class CropSearch : IDisposable
{
    /// <summary>
    /// The first grid of the hierarchical mode has this many times fewer points along a side (TinySAM).
    /// </summary>
    private const int CoarseFactor = 4;

    /// <summary>Pixels from the edge of a crop within which a box is probably cut by it (SAM's generator).</summary>
    private const int EdgeDistance = 20;

    /// <summary>Masks that are made together, so that each of their points is decoded once.</summary>
    private const int MadeAtOnce = 64;

    private readonly PointDecoder _decoder;
    private readonly ImageEmbedding _embedding;
    private readonly MaskGeneratorOptions _options;
    private readonly PixelBox _crop;
    private readonly int _width;
    private readonly int _height;
    private readonly List<MaskCandidate> _found = [];
    private nint _copied;

    /// <param name="sam">The model.</param>
    /// <param name="embedding">The embedding of the crop.</param>
    /// <param name="options">The generator's options.</param>
    /// <param name="crop">The crop in the picture.</param>
    /// <param name="width">Pixels in a row of the picture.</param>
    /// <param name="height">Rows of the picture.</param>
    public CropSearch(Sam sam, ImageEmbedding embedding, MaskGeneratorOptions options, PixelBox crop, int width, int height)
    {
        (_embedding, _options, _crop, _width, _height) = (embedding, options, crop, width, height);
        _decoder = new PointDecoder(sam, embedding, options.MemoryBudget);
    }

    /// <summary>Number of candidates so far.</summary>
    public int Count => _found.Count;

    /// <summary>Counts of the candidates so far, by outcome.</summary>
    public MaskGeneratorTally Tally { get; private set; }

    /// <summary>
    /// Prompts at all points, batch by batch; returns the number of points done and their total after each batch.
    /// </summary>
    /// <param name="pointsPerSide">Points along a side of the full grid.</param>
    /// <param name="cancellation">Checked between batches.</param>
    public IEnumerable<(int Done, int All)> PromptPoints(int pointsPerSide, CancellationToken cancellation)
    {
        List<(double X, double Y)> points = PointGrid.Of(pointsPerSide, _crop.Width, _crop.Height);
        int all = points.Count, done = 0;
        if (_options.Mode == MaskGeneratorMode.Hierarchical)
        {
            List<(double X, double Y)> coarse
                = PointGrid.Of(Math.Max(1, pointsPerSide / CoarseFactor), _crop.Width, _crop.Height);
            all += coarse.Count;
            var covered = new Coverage(
                [.. points.Select(ToPixel)], _options.HighScoreThresh, _options.HighScoreVotes);
            foreach (PointBatch batch in _decoder.Decode(coarse, cancellation))
            {
                Keep(batch, covered);
                yield return (done += batch.Points.Count, all);
            }

            // Grids with odd sides may share points.
            HashSet<(double X, double Y)> asked = [.. coarse];
            points = [.. points.Where((point, i) => !covered[i] && !asked.Contains(point))];
            done = all - points.Count;
            if (points.Count == 0)
                yield return (all, all);
        }

        foreach (PointBatch batch in _decoder.Decode(points, cancellation))
        {
            Keep(batch, covered: null);
            yield return (done += batch.Points.Count, all);
        }
    }

    /// <summary>The candidates that survive suppression, best first.</summary>
    public List<MaskCandidate> Best(CancellationToken cancellation)
        => [.. BoxSuppression.Run(
            [.. _found.Select(m => m.Box)], [.. _found.Select(m => m.PredictedIou)], _options.BoxNmsThresh, cancellation)
            .Select(i => _found[i])];

    /// <summary>The masks of candidates, in the same order.</summary>
    public IEnumerable<GeneratedMask> Make(IEnumerable<MaskCandidate> candidates, CancellationToken cancellation)
        => candidates.Chunk(MadeAtOnce).SelectMany(some => MakeSome(some, cancellation));

    /// <summary>The box of a candidate in the picture.</summary>
    public PixelBox BoxInPicture(MaskCandidate candidate)
        => candidate.Box with { X = _crop.X + candidate.Box.X, Y = _crop.Y + candidate.Box.Y };

    /// <summary>Returns the memory of the kept logits.</summary>
    public void Dispose()
    {
        foreach (MaskCandidate candidate in _found)
        {
            if (candidate.Logits is { } logits)
                BufferPool.Return(logits);
        }

        _found.Clear();
    }

    private GeneratedMask[] MakeSome(MaskCandidate[] candidates, CancellationToken cancellation)
    {
        var masks = new GeneratedMask[candidates.Length];
        Workers.For(candidates.Length, i =>
        {
            if (candidates[i].Logits is { } logits)
                masks[i] = Make(candidates[i], logits.Data);
        });
        var places = Enumerable.Range(0, candidates.Length).Where(i => candidates[i].Logits is null)
            .ToLookup(i => (candidates[i].X, candidates[i].Y));
        foreach (PointBatch batch in _decoder.Decode([.. places.Select(group => group.Key)], cancellation))
        {
            // Masks of one point are consecutive, which upscales them together.
            List<(int Place, MaskChoice Choice)> wanted =
            [
                .. batch.Points.SelectMany((point, prompt) =>
                    places[point].Select(place => (place, new MaskChoice(prompt, candidates[place].Mask)))),
            ];
            foreach (LogitsBatch made in _decoder.Upscale(batch.Decoded, [.. wanted.Select(w => w.Choice)]))
            {
                Workers.For(made.Choices.Count, i =>
                {
                    int place = wanted[made.First + i].Place;
                    masks[place] = Make(candidates[place], made.Logits.Data + i * made.Size);
                });
            }
        }

        return masks;
    }

    /// <summary>The masks for ambiguous prompts with a sufficient predicted IoU.</summary>
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

    /// <summary>
    /// Keeps the stable masks that the crop does not cut; <paramref name="covered"/> (may be null) counts them.
    /// </summary>
    private void Keep(PointBatch batch, Coverage? covered)
    {
        DecodedPrompts decoded = batch.Decoded;
        List<MaskChoice> chosen = Choose(decoded, batch.Points.Count);
        int candidates = batch.Points.Count * (decoded.Iou.Channels - 1), empty = 0, unstable = 0, cut = 0;
        foreach (LogitsBatch logits in _decoder.Upscale(decoded, chosen))
        {
            var measured = new (PixelBox Box, float Stability)[logits.Choices.Count];
            Workers.For(measured.Length, i => measured[i]
                = _embedding.Upsampler.Measure(logits.Logits.Data + i * logits.Size, _options.StabilityScoreOffset));
            for (int i = 0; i < measured.Length; i++)
            {
                (PixelBox box, float stability) = measured[i];
                if (box.IsEmpty)
                {
                    empty++;
                    continue;
                }

                if (stability < _options.StabilityScoreThresh)
                {
                    unstable++;
                    continue;
                }

                if (IsCut(box))
                {
                    cut++;
                    continue;
                }

                (int prompt, int mask) = logits.Choices[i];
                float* low = logits.Logits.Data + i * logits.Size;
                (double x, double y) = batch.Points[prompt];
                _found.Add(new MaskCandidate(
                    x, y, mask, box, decoded.Iou.Span[prompt * decoded.Iou.Channels + mask], stability,
                    Copy(low, logits.Size)));
                covered?.Add(_embedding.Upsampler, low, batch.First + prompt);
            }
        }

        Tally += new MaskGeneratorTally(candidates, candidates - chosen.Count, empty, unstable, cut);
    }

    /// <summary>A copy of a candidate's logits, which saves decoding it again; null if the budget is used up.</summary>
    private TensorBuffer? Copy(float* low, nint count)
    {
        if ((_copied + count) * sizeof(float) > _options.MemoryBudget / 2)
            return null;
        _copied += count;
        TensorBuffer copy = BufferPool.Rent(count);
        new Span<float>(low, (int)count).CopyTo(new Span<float>(copy.Data, (int)count));
        return copy;
    }

    private GeneratedMask Make(MaskCandidate candidate, float* low)
    {
        BinaryMask bits = _embedding.Upsampler.Crop(low, candidate.Box);
        PixelBox box = BoxInPicture(candidate);
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

    /// <summary>Whether an edge of the box is near an edge of the crop that is not the picture's.</summary>
    private bool IsCut(PixelBox box)
    {
        return Near(box.X, 0, _crop.X, 0) || Near(box.Y, 0, _crop.Y, 0)
            || Near(box.Right - 1, _crop.Width, _crop.X, _width) || Near(box.Bottom - 1, _crop.Height, _crop.Y, _height);

        static bool Near(int edge, int crop, int offset, int picture)
            => Math.Abs(edge - crop) <= EdgeDistance && Math.Abs(edge + offset - picture) > EdgeDistance;
    }

    /// <summary>The pixel that contains a point of the grid.</summary>
    private (int X, int Y) ToPixel((double X, double Y) point)
        => (Math.Min((int)point.X, _crop.Width - 1), Math.Min((int)point.Y, _crop.Height - 1));
}
