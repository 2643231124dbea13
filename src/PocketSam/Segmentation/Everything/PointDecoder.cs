using System.Runtime.InteropServices;
using PocketSam.Models;
using PocketSam.Tensors;

namespace PocketSam.Segmentation.Everything;

/// <summary>Points of one crop that are decoded together.</summary>
/// <param name="First">Number of points before these.</param>
/// <param name="Points">The points, in pixels of the crop.</param>
/// <param name="Decoded">The decoder's result; valid until the next batch.</param>
internal readonly record struct PointBatch(int First, List<(double X, double Y)> Points, DecodedPrompts Decoded);

/// <summary>Logits of some of a batch's masks.</summary>
/// <param name="First">Number of choices before these.</param>
/// <param name="Choices">The masks.</param>
/// <param name="Logits"><c>[choices, side, side]</c>; valid until the next batch.</param>
internal readonly record struct LogitsBatch(int First, List<MaskChoice> Choices, Tensor Logits)
{
    /// <summary>Number of logits of one mask.</summary>
    public nint Size => Logits.Count / Choices.Count;
}

/// <summary>Decodes the points of a crop, as many at a time as fit a memory budget, on demand.</summary>
/// <param name="sam">The model.</param>
/// <param name="embedding">The embedding of the crop.</param>
/// <param name="memoryBudget">Bytes for the image rows and logits of a batch.</param>
internal sealed class PointDecoder(Sam sam, ImageEmbedding embedding, long memoryBudget)
{
    /// <summary>Tokens of a prompt: the point and the padding for the missing box.</summary>
    private const int PointTokens = 2;

    private readonly PromptDecoder _decoder = sam.Model.PromptDecoder;

    /// <summary>Decodes points in order, batch by batch, each on its own tape.</summary>
    /// <exception cref="OperationCanceledException">The computation is cancelled between two batches.</exception>
    public IEnumerable<PointBatch> Decode(List<(double X, double Y)> points, CancellationToken cancellation)
    {
        using ImageEmbedding.Loan loan = embedding.Borrow();
        PreparedImage image = loan.Prepare(_decoder);
        for (int start = 0, limit = AtOnce; start < points.Count; start += limit)
        {
            cancellation.ThrowIfCancellationRequested();
            List<(double X, double Y)> batch = points.GetRange(start, Math.Min(limit, points.Count - start));
            PromptToken[] tokens =
            [
                .. batch.SelectMany(p => new[]
                {
                    embedding.Geometry.ToToken(p.X, p.Y, PointLabel.Foreground), PromptToken.Padding,
                }),
            ];
            using Tape tape = Tape.Inference();
            yield return new PointBatch(start, batch, _decoder.Decode(image, tokens, batch.Count, null));
        }
    }

    /// <summary>Logits of chosen masks of a batch, in the order of the choices, a few at a time.</summary>
    public IEnumerable<LogitsBatch> Upscale(DecodedPrompts decoded, List<MaskChoice> choices)
    {
        for (int start = 0, limit = AtOnce; start < choices.Count; start += limit)
        {
            List<MaskChoice> some = choices.GetRange(start, Math.Min(limit, choices.Count - start));
            using Tape tape = Tape.Inference();
            yield return new LogitsBatch(start, some, _decoder.Upscale(decoded, CollectionsMarshal.AsSpan(some)));
        }
    }

    private int AtOnce
    {
        get
        {
            int side = embedding.Side, maskSide = embedding.Geometry.MaskSide;
            long each = ((long)side * side * sam.Config.FeatureChannels + (long)maskSide * maskSide) * sizeof(float);
            return (int)Math.Clamp(memoryBudget / each, 1, _decoder.PromptsAtOnce(side, PointTokens));
        }
    }
}
