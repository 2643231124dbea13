using System.Text;
using PocketSam.Models;

namespace PocketSam.Tests.Models;

/// <summary>
/// The deterministic weights of the golden outputs: every tensor is filled from its own key by FNV-1a and the finaliser
/// of splitmix64.
/// </summary>
internal static class MadeUpWeights
{
    private const ulong Golden = 0x9E3779B97F4A7C15;

    /// <summary>That of <see cref="ModelZoo.VitB"/>, which takes seconds to make: several tests share it.</summary>
    private static readonly Lazy<SamModel> VitB = new(() => Create(ModelZoo.VitB));

    /// <summary>The model that the golden file of that name was made with.</summary>
    public static SamModel OfGolden(string file)
        => file.StartsWith("vit_b", StringComparison.Ordinal) ? VitB.Value : Create(ModelZoo.VitT);

    /// <summary>A model whose every weight is made up from its key.</summary>
    public static SamModel Create(SamConfig config, ulong seed = 1)
    {
        SamModel model = SamModel.Create(config, seed: 0);
        var tensors = model.State.Entries.AsParallel().ToDictionary(
            e => e.Key, e => StoredTensor.FromFloats(Fill(e.Key, e.StoredShape, seed, Map(e.Key, e.StoredShape)), e.StoredShape));
        model.State.Load(new Checkpoint("made-up weights", tensors, new Dictionary<string, string>()));
        return model;
    }

    /// <summary>Values of a tensor by the rule of the golden outputs.</summary>
    /// <param name="key">Its key.</param>
    /// <param name="shape">Its dimensions.</param>
    /// <param name="seed">The seed of the weights.</param>
    /// <param name="map">What becomes of uniform values in [-1, 1).</param>
    public static float[] Fill(string key, int[] shape, ulong seed, Func<double, double> map)
    {
        ulong state = Fnv1a(key) + seed * Golden;
        int count = shape.Aggregate(1, (a, b) => a * b);
        float[] values = new float[count];
        for (int i = 0; i < count; i++)
        {
            ulong z = state + (ulong)(i + 1) * Golden;
            z ^= z >> 30;
            z *= 0xBF58476D1CE4E5B9;
            z ^= z >> 27;
            z *= 0x94D049BB133111EB;
            z ^= z >> 31;
            values[i] = (float)map((z >> 40) / 8388608.0 - 1);
        }

        return values;
    }

    /// <summary>The values of a tensor of SAM's kind of rules, times a factor.</summary>
    public static float[] Fill(string key, int[] shape, ulong seed, double factor)
    {
        Func<double, double> map = Map(key, shape);
        return Fill(key, shape, seed, u => factor * map(u));
    }

    private static Func<double, double> Map(string key, int[] shape)
    {
        bool Ends(string s) => key.EndsWith(s, StringComparison.Ordinal);
        if (Ends("positional_encoding_gaussian_matrix"))
            return u => u;
        if (Ends("running_var"))
            return u => 1 + 0.5 * u;
        if (Ends("running_mean") || Ends("bias"))
            return u => 0.1 * u;
        if (Ends("attention_biases"))
            return u => 0.5 * u;
        if (Ends("pos_embed") || Ends("rel_pos_h") || Ends("rel_pos_w"))
            return u => 0.1 * u;
        if (shape.Length < 2)
            return u => 1 + 0.1 * u;
        double scale = Math.Sqrt(3.0 / shape.Skip(1).Aggregate(1, (a, b) => a * b));
        return u => u * scale;
    }

    private static ulong Fnv1a(string key)
    {
        ulong hash = 0xCBF29CE484222325;
        foreach (byte b in Encoding.UTF8.GetBytes(key))
            hash = (hash ^ b) * 0x100000001B3;
        return hash;
    }
}
