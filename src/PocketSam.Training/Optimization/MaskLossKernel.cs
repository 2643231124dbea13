using System.Runtime.CompilerServices;
using PocketSam.Kernels.Vectors;

namespace PocketSam.Training.Optimization;

/// <summary>
/// Sums over the pixels of one mask for the loss and its gradient. x are logits, p = 1 / (1 + e^-x), t in [0, 1] is the
/// covered fraction of each pixel, ce = -t log p - (1 - t) log(1 - p).
/// </summary>
internal static unsafe class MaskLossKernel
{
    /// <summary>SAM's alpha: the weight of foreground in the focal loss.</summary>
    private const float Alpha = 0.25f;

    /// <summary>Computes all sums over a region.</summary>
    public static MaskSums Sum(float* logits, float* target, in MaskRegion region)
    {
        MaskSums sums = default;
        (int count, int length) = region.Stretches;
        for (int i = 0; i < count; i++)
        {
            Simd.Run(new SumLoop
            {
                X = logits + i * region.Side, T = target + i * region.Side, Count = length, Result = &sums,
            });
        }

        return sums;
    }

    /// <summary>
    /// gradient += crossEntropy (p - t) + focal d/dx[alpha_t (t - p)^2 ce] + (diceA - diceB t) p (1 - p), where the dice
    /// constants come from the sums.
    /// </summary>
    public static void Gradient(
        float* logits, float* target, float* gradient, in MaskRegion region, float crossEntropy, float focal, float diceA,
        float diceB)
    {
        (int count, int length) = region.Stretches;
        for (int i = 0; i < count; i++)
        {
            int offset = i * region.Side;
            Simd.Run(new GradientLoop
            {
                X = logits + offset, T = target + offset, D = gradient + offset, Count = length,
                CrossEntropy = crossEntropy, Focal = focal, DiceA = diceA, DiceB = diceB,
            });
        }
    }

    /// <summary>p and log(1 + e^-|x|) of a logit.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Probability<S, V>(V x, out V softplus) where S : struct, ISimd<V> where V : struct
    {
        V one = S.Set(1f), e = VectorMath.Exp<S, V>(S.Subtract(S.Set(0f), S.Abs(x)));
        V inverse = S.Divide(one, S.Add(one, e));
        V p = S.IfGreater(x, S.Set(0f), inverse, S.Multiply(e, inverse));

        // log(1 + e) = 2 artanh(s), s = e / (2 + e) in (0, 1/3]; the series up to s^11 has an error of 1e-7.
        V s = S.Divide(e, S.Add(S.Set(2f), e)), s2 = S.Multiply(s, s);
        V series = S.Set(1f / 11);
        series = S.MultiplyAdd(series, s2, S.Set(1f / 9));
        series = S.MultiplyAdd(series, s2, S.Set(1f / 7));
        series = S.MultiplyAdd(series, s2, S.Set(1f / 5));
        series = S.MultiplyAdd(series, s2, S.Set(1f / 3));
        series = S.MultiplyAdd(series, s2, one);
        softplus = S.Multiply(S.Multiply(series, s), S.Set(2f));
        return p;
    }

    /// <summary>ce = max(x, 0) - x t + log(1 + e^-|x|)</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V CrossEntropyOf<S, V>(V x, V t, V softplus) where S : struct, ISimd<V> where V : struct
        => S.Add(S.Subtract(S.Max(x, S.Set(0f)), S.Multiply(x, t)), softplus);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V AlphaOf<S, V>(V t) where S : struct, ISimd<V> where V : struct
        => S.MultiplyAdd(t, S.Set(2 * Alpha - 1), S.Set(1 - Alpha));

    private struct SumLoop : ISimdKernel
    {
        public float* X, T;
        public int Count;
        public MaskSums* Result;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run<S, V>() where S : struct, ISimd<V> where V : struct
        {
            int whole = Count - Count % S.Width;
            Part<S, V>(0, whole);
            Part<SimdScalar, float>(whole, Count);
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly void Part<S, V>(int start, int end) where S : struct, ISimd<V> where V : struct
        {
            V zero = S.Set(0f), half = S.Set(0.5f), one = S.Set(1f);
            V ce = default, focal = default, both = default, ps = default, ts = default;
            V predicted = default, truth = default, common = default;
            for (int i = start; i < end; i += S.Width)
            {
                V x = S.Load(X + i), t = S.Load(T + i);
                V p = Probability<S, V>(x, out V softplus);
                V c = CrossEntropyOf<S, V>(x, t, softplus);
                V d = S.Subtract(t, p);
                ce = S.Add(ce, c);
                focal = S.MultiplyAdd(S.Multiply(AlphaOf<S, V>(t), S.Multiply(d, d)), c, focal);
                both = S.MultiplyAdd(p, t, both);
                ps = S.Add(ps, p);
                ts = S.Add(ts, t);
                V set = S.IfGreater(x, zero, one, zero), wanted = S.IfGreater(t, half, one, zero);
                predicted = S.Add(predicted, set);
                truth = S.Add(truth, wanted);
                common = S.MultiplyAdd(set, wanted, common);
            }

            Result->CrossEntropy += S.Sum(ce);
            Result->Focal += S.Sum(focal);
            Result->Product += S.Sum(both);
            Result->Probability += S.Sum(ps);
            Result->Target += S.Sum(ts);
            Result->Predicted += S.Sum(predicted);
            Result->Truth += S.Sum(truth);
            Result->Common += S.Sum(common);
        }
    }

    private struct GradientLoop : ISimdKernel
    {
        public float* X, T, D;
        public int Count;
        public float CrossEntropy, Focal, DiceA, DiceB;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run<S, V>() where S : struct, ISimd<V> where V : struct
        {
            int i = 0;
            for (; i + S.Width <= Count; i += S.Width)
                Step<S, V>(i);
            for (; i < Count; i++)
                Step<SimdScalar, float>(i);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private readonly void Step<S, V>(int i) where S : struct, ISimd<V> where V : struct
        {
            V x = S.Load(X + i), t = S.Load(T + i);
            V p = Probability<S, V>(x, out V softplus);
            V slope = S.Multiply(p, S.Subtract(S.Set(1f), p)), d = S.Subtract(p, t);

            // d/dx[(p - t)^2 ce] = (p - t) (2 p (1 - p) ce + (p - t)^2)
            V focal = S.MultiplyAdd(
                S.Multiply(slope, S.Set(2f)), CrossEntropyOf<S, V>(x, t, softplus), S.Multiply(d, d));
            focal = S.Multiply(S.Multiply(focal, AlphaOf<S, V>(t)), S.Set(Focal));
            V g = S.Multiply(d, S.Add(focal, S.Set(CrossEntropy)));
            g = S.MultiplyAdd(slope, S.MultiplyAdd(t, S.Set(-DiceB), S.Set(DiceA)), g);
            S.Store(D + i, S.Add(S.Load(D + i), g));
        }
    }
}

/// <summary>Sums over the pixels of one predicted mask and its target.</summary>
internal struct MaskSums
{
    public float CrossEntropy, Focal, Product, Probability, Target, Predicted, Truth, Common;

    /// <summary>IoU of the masks, thresholded at one half.</summary>
    public readonly float Iou => Common / MathF.Max(1f, Predicted + Truth - Common);

    /// <summary>1 - (2 sum p t + 1) / (sum p + sum t + 1)</summary>
    public readonly float Dice => 1f - (2f * Product + 1f) / (Probability + Target + 1f);
}
