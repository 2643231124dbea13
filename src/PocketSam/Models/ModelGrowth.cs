using PocketSam.Layers;

namespace PocketSam.Models;

/// <summary>
/// Initialises a model with the weights of a smaller one of the same widths and depths: hidden layers (of MLPs, of
/// MBConv, of the decoder) may be wider, attention windows larger. Added hidden units have initial values and outgoing
/// weights of zero (Net2Net, Chen et al., arXiv:1511.05641), so they do not change the result. A table of attention
/// biases keeps its distances; larger ones get the bias of the largest that it has.
/// </summary>
internal static class ModelGrowth
{
    private const string Biases = ".attention_biases";

    /// <summary>
    /// A model of the architecture <paramref name="config"/> with the weights of the checkpoint's smaller model.
    /// </summary>
    /// <exception cref="CheckpointFormatException">The checkpoint's
    /// model is not a smaller one of this kind.</exception>
    public static SamModel Grow(Checkpoint checkpoint, SamConfig config, int seed)
    {
        SamModel small = SamModel.FromCheckpoint(checkpoint);
        if (ModelZoo.ToJson(Reshaped(small.Config, config)) != ModelZoo.ToJson(config))
            throw Refuse("differs in more than hidden layers and attention windows");
        SamModel model = SamModel.Create(config, seed);
        var from = small.State.Entries.ToDictionary(e => e.Key);
        foreach (StateEntry entry in model.State.Entries)
        {
            if (!from.Remove(entry.Key, out StateEntry? source))
                throw Refuse($"has no {entry.Key}");
            int[] small0 = source.StoredShape, large = entry.StoredShape;
            if (small0.Length != large.Length || !small0.Zip(large).All(p => p.First <= p.Second))
            {
                throw Refuse(
                    $"{entry.Key} has the shape [{string.Join(", ", small0)}], which does not fit into " +
                    $"[{string.Join(", ", large)}]");
            }

            float[] values = source.ToStored();
            if (!small0.SequenceEqual(large))
            {
                values = entry.Key.EndsWith(Biases, StringComparison.Ordinal)
                    ? Spread(values, large[0], (int)Math.Sqrt(small0[1]), (int)Math.Sqrt(large[1]))
                    : Widen(values, small0, entry.ToStored(), large);
            }

            entry.FromStored(values);
        }

        return from.Count == 0 ? model : throw Refuse($"has {from.Keys.First()}, which {config.Name} does not have");

        CheckpointFormatException Refuse(string why)
            => new(checkpoint.Source, $"{small.Config.Name} cannot grow into {config.Name}: it {why}");
    }

    /// <summary>
    /// The small architecture, with everything that may grow, or that affects no weight, as in the large one.
    /// </summary>
    private static SamConfig Reshaped(SamConfig small, SamConfig large) => small with
    {
        Name = large.Name,
        Encoder = (small.Encoder, large.Encoder) switch
        {
            (TinyVitConfig encoder, TinyVitConfig wanted) => encoder with
            {
                WindowSizes = wanted.WindowSizes, MlpRatio = wanted.MlpRatio, MbConvExpandRatio = wanted.MbConvExpandRatio,
            },
            (VitConfig encoder, VitConfig wanted) => encoder with { MlpRatio = wanted.MlpRatio },
            _ => small.Encoder,
        },
        ImageSize = small.Encoder.FixedInputSize ? small.ImageSize : large.ImageSize,
        DecoderMlpDim = large.DecoderMlpDim,
        IouHeadHiddenDim = large.IouHeadHiddenDim,
        MaskThresholds = large.MaskThresholds,
    };

    /// <summary>
    /// Copies the small tensor into the leading indices of the large one; weights of added inputs are zero.
    /// </summary>
    private static float[] Widen(float[] small, int[] from, float[] large, int[] to)
    {
        int inner = from.Length > 2 ? from[2..].Aggregate(1, (a, b) => a * b) : 1;
        int fromIn = from.Length > 1 ? from[1] : 1, toIn = to.Length > 1 ? to[1] : 1;
        for (int o = 0; o < from[0]; o++)
        {
            Span<float> row = large.AsSpan(o * toIn * inner, toIn * inner);
            small.AsSpan(o * fromIn * inner, fromIn * inner).CopyTo(row);
            row[(fromIn * inner)..].Clear();
        }

        for (int o = from[0]; fromIn < toIn && o < to[0]; o++)
            large.AsSpan((o * toIn + fromIn) * inner, (toIn - fromIn) * inner).Clear();
        return large;
    }

    /// <summary>
    /// Extends a table [heads, from * from] of distances (|dy|, |dx|) to a window of <paramref name="to"/> tokens.
    /// </summary>
    private static float[] Spread(float[] table, int heads, int from, int to)
    {
        float[] result = new float[heads * to * to];
        for (int i = 0; i < result.Length; i++)
        {
            int h = i / (to * to), y = Math.Min(i / to % to, from - 1), x = Math.Min(i % to, from - 1);
            result[i] = table[(h * from + y) * from + x];
        }

        return result;
    }
}
