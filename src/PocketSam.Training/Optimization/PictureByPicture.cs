using PocketSam.Kernels;
using PocketSam.Tensors;

namespace PocketSam.Training.Optimization;

/// <summary>
/// Decodes the pictures of a batch in parallel, each on its own tape. Decoding consists of many small matrix products,
/// so parallel pictures use threads better than parallel parts of each product.
/// </summary>
internal static unsafe class PictureByPicture
{
    /// <summary>
    /// Number of groups of pictures that are decoded in parallel; fixed, because the order of sums depends on it.
    /// </summary>
    private const int Groups = 8;

    /// <summary>
    /// Runs <paramref name="decode"/> forward and backward for each picture, and adds the gradients of the weights in a
    /// fixed order.
    /// </summary>
    /// <param name="embeddings">Embeddings of the batch, [B, side, side, C].</param>
    /// <param name="gradient">Receives the gradients of the embeddings, [B, side, side, C]; null if they are not
    /// needed.</param>
    /// <param name="decode">Takes a picture's index and its embedding [1, side, side, C], and returns its
    /// result.</param>
    public static T[] Run<T>(Tensor embeddings, float* gradient, Func<int, Tensor, T> decode)
    {
        int batch = embeddings.Shape[0], groups = Math.Min(Groups, batch), count = (int)(embeddings.Count / batch);
        var results = new T[batch];
        var weights = new GradientSet[groups];
        Workers.For(groups, group =>
        {
            weights[group] = new GradientSet();
            for (int i = batch * group / groups; i < batch * (group + 1) / groups; i++)
            {
                using Tape part = Tape.Record(weights[group]);
                Tensor embedding = Tape.Leaf(
                    embeddings.Span.Slice(i * count, count), 1, embeddings.Shape[1], embeddings.Shape[2], embeddings.Channels);
                embedding.Buffer.WantsGradient = gradient is not null;
                results[i] = decode(i, embedding);
                part.Backward();
                if (embedding.Buffer.Gradient is not null)
                    embedding.GradientSpan.CopyTo(new Span<float>(gradient + (nint)i * count, count));
            }
        });
        foreach (GradientSet set in weights)
            set.AddToWeights();
        return results;
    }
}
