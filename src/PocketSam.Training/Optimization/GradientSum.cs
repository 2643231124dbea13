using PocketSam.Tensors;

namespace PocketSam.Training.Optimization;

/// <summary>Adds the gradients of all ranks up, in buckets of many weights, after the way back.</summary>
internal static class GradientSum
{
    /// <summary>Values that are added up at once: few messages, and little memory beside the gradients.</summary>
    private const int BucketLength = 1 << 20;

    /// <summary>Makes the gradients of a part of the batch those of the whole.</summary>
    /// <param name="ranks">The processes.</param>
    /// <param name="weights">The weights that learn, the same in all processes.</param>
    public static void Run(ITrainingRanks ranks, IReadOnlyList<OptimizedWeight> weights)
    {
        // A weight that had no part in one rank's pictures may have had one in another's.
        double[] used = [.. weights.Select(weight => weight.Entry.Weight.Value.Buffer.Gradient is null ? 0.0 : 1.0)];
        ranks.Sum(used);
        Tensor[] values = [.. weights.Index().Where(one => used[one.Index] > 0).Select(one => one.Item.Entry.Weight.Value)];
        float[] bucket = new float[Math.Min(BucketLength, values.Sum(value => (long)value.Buffer.Count))];
        int filled = 0;
        var inBucket = new List<(Tensor Value, int Start, int Count, int Place)>();
        foreach (Tensor value in values)
        {
            if (value.Buffer.Gradient is null)
            {
                value.Buffer.Gradient = BufferPool.Rent(value.Buffer.Count);
                value.GradientSpan.Clear();
            }

            int length = (int)value.Buffer.Count;
            for (int start = 0; start < length;)
            {
                int count = Math.Min(length - start, bucket.Length - filled);
                value.GradientSpan.Slice(start, count).CopyTo(bucket.AsSpan(filled));
                inBucket.Add((value, start, count, filled));
                start += count;
                filled += count;
                if (filled == bucket.Length)
                    Flush();
            }
        }

        Flush();

        void Flush()
        {
            if (filled == 0)
                return;
            ranks.Sum(bucket.AsSpan(0, filled));
            foreach ((Tensor value, int start, int count, int place) in inBucket)
                bucket.AsSpan(place, count).CopyTo(value.GradientSpan[start..]);
            inBucket.Clear();
            filled = 0;
        }
    }
}
