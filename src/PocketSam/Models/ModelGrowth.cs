using PocketSam.Layers;

namespace PocketSam.Models;

/// <summary>
/// Begins a model with the weights of a smaller one of the same widths and depths: hidden layers (of MLPs, of MBConv, of
/// the decoder) may be wider, attention windows larger. New hidden units have first values and are read with weights of
/// zero (Net2Net, Chen et al., ICLR 2016), so they change nothing at first. A table of attention biases keeps its
/// distances; those it did not know have the bias of the farthest it knew.
/// </summary>
internal static class ModelGrowth
{
    private const string Biases = ".attention_biases";

    /// <summary>A model of the architecture <paramref name="config"/> that does what that of the checkpoint does.</summary>
    /// <exception cref="CheckpointFormatException">The checkpoint's model is no smaller one of that kind.</exception>
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

    /// <summary>The small architecture with all that may grow, or that changes no weight, as in the large one.</summary>
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

    /// <summary>The small tensor in the first places of the large one; what reads new inputs is zero.</summary>
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

    /// <summary>A table [heads, from * from] of distances (|dy|, |dx|) for a window of <paramref name="to"/>.</summary>
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
