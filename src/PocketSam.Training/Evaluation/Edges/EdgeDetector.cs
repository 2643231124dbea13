using PocketSam.Kernels;
using PocketSam.Segmentation.Everything;

namespace PocketSam.Training.Evaluation.Edges;

/// <summary>
/// Detects edges from the masks of a picture (SAM, appendix D.2). Three masks are predicted at each point of a grid,
/// and near duplicates are removed by box NMS. The edge strength is the Sobel gradient of a mask's probability at the
/// mask's boundary, maximised over all masks and scaled to 1, with non-maximum suppression along the gradient.
/// </summary>
/// <param name="sam">The model.</param>
/// <param name="pointsPerSide">Points per side of the grid; 16 in SAM.</param>
internal sealed class EdgeDetector(Sam sam, int pointsPerSide)
{
    private const float BoxNmsThresh = 0.7f;

    /// <summary>Number of points per batch of prompts.</summary>
    private const int PointsAtOnce = 16;

    /// <summary>Margin around a mask's box that contains its boundary, in pixels.</summary>
    private const int Rim = 2;

    /// <summary>Detects the edges of a picture, at its size.</summary>
    public EdgeMap Find(RgbImage picture, int? imageSize, CancellationToken cancellation)
    {
        using ImageEmbedding photo = sam.Encode(picture, imageSize, cancellation);
        List<Mask> masks = [];
        foreach ((double X, double Y)[] points in PointGrid.Of(pointsPerSide, picture.Width, picture.Height).Chunk(PointsAtOnce))
        {
            IReadOnlyList<Prediction> answers = sam.Predict(
                photo, [.. points.Select(point => Prompt.Point(point.X, point.Y))], multimask: true, cancellation);
            masks.AddRange(answers.SelectMany(answer => answer.Masks).Where(mask => !mask.Box.IsEmpty));
        }

        List<int> kept = BoxSuppression.Run(
            [.. masks.Select(mask => mask.Box)], [.. masks.Select(mask => mask.PredictedIou)], BoxNmsThresh, cancellation);
        return Combine(photo, [.. kept.Select(i => masks[i])], cancellation);
    }

    private static EdgeMap Combine(ImageEmbedding photo, Mask[] masks, CancellationToken cancellation)
    {
        (int width, int height) = (photo.Geometry.Width, photo.Geometry.Height);
        float[] strongest = new float[width * height];
        var directions = new (float X, float Y)[width * height];
        foreach (Mask[] some in masks.Chunk(PointsAtOnce))
        {
            cancellation.ThrowIfCancellationRequested();
            var edges = new (PixelBox Box, (float X, float Y)[] Gradient)[some.Length];
            Workers.For(some.Length, i => edges[i] = GradientOf(photo, some[i]));
            foreach ((PixelBox box, (float X, float Y)[] gradient) in edges)
            {
                for (int i = 0; i < gradient.Length; i++)
                {
                    float strength = MathF.Sqrt(gradient[i].X * gradient[i].X + gradient[i].Y * gradient[i].Y);
                    int at = (box.Y + i / box.Width) * width + box.X + i % box.Width;
                    if (strength > strongest[at])
                        (strongest[at], directions[at]) = (strength, gradient[i]);
                }
            }
        }

        float most = strongest.Max();
        if (most > 0)
        {
            for (int i = 0; i < strongest.Length; i++)
                strongest[i] /= most;
        }

        return new EdgeMap(width, height, strongest).Suppress(directions);
    }

    /// <summary>
    /// The Sobel gradient of a mask's probability in a window around its box; zero except at its boundary.
    /// </summary>
    private static unsafe (PixelBox Box, (float X, float Y)[] Gradient) GradientOf(ImageEmbedding photo, Mask mask)
    {
        (int width, int height) = (photo.Geometry.Width, photo.Geometry.Height);
        int left = Math.Max(0, mask.Box.X - Rim), top = Math.Max(0, mask.Box.Y - Rim);
        var box = new PixelBox(left, top, Math.Min(width, mask.Box.Right + Rim) - left, Math.Min(height, mask.Box.Bottom + Rim) - top);
        float[] probability = new float[box.Width * box.Height];
        fixed (float* low = mask.Logits.Values)
        {
            for (int y = 0; y < box.Height; y++)
            {
                for (int x = 0; x < box.Width; x++)
                    probability[y * box.Width + x] = 1 / (1 + MathF.Exp(-photo.Upsampler.Logit(low, box.X + x, box.Y + y)));
            }
        }

        var gradient = new (float X, float Y)[probability.Length];
        for (int y = 0; y < box.Height; y++)
        {
            for (int x = 0; x < box.Width; x++)
            {
                if (IsBoundary(mask.Bits, box.X + x, box.Y + y))
                    gradient[y * box.Width + x] = Sobel(probability, box.Width, box.Height, x, y);
            }
        }

        return (box, gradient);
    }

    /// <summary>Whether the pixels of a 3 x 3 neighbourhood differ in the mask.</summary>
    private static bool IsBoundary(BinaryMask mask, int x, int y)
    {
        bool isSet = mask[x, y];
        for (int dy = Math.Max(0, y - 1); dy <= Math.Min(mask.Height - 1, y + 1); dy++)
        {
            for (int dx = Math.Max(0, x - 1); dx <= Math.Min(mask.Width - 1, x + 1); dx++)
            {
                if (mask[dx, dy] != isSet)
                    return true;
            }
        }

        return false;
    }

    /// <summary>The Sobel operator, with values repeated beyond the border.</summary>
    internal static (float X, float Y) Sobel(float[] values, int width, int height, int x, int y)
    {
        return (
            At(1, -1) + 2 * At(1, 0) + At(1, 1) - At(-1, -1) - 2 * At(-1, 0) - At(-1, 1),
            At(-1, 1) + 2 * At(0, 1) + At(1, 1) - At(-1, -1) - 2 * At(0, -1) - At(1, -1));

        float At(int dx, int dy) => values[Math.Clamp(y + dy, 0, height - 1) * width + Math.Clamp(x + dx, 0, width - 1)];
    }
}
