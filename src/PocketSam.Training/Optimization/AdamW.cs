using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using PocketSam.Kernels;
using PocketSam.Layers;
using PocketSam.Tensors;

namespace PocketSam.Training.Optimization;

/// <summary>
/// AdamW over the weights of a state dict, with clipping by the norm of the whole gradient and a running average of the
/// weights, which is what is kept as the model.
/// </summary>
internal sealed unsafe class AdamW
{
    private readonly AdamWOptions _options;
    private readonly Moments[] _moments;

    public AdamW(StateDict state, AdamWOptions options)
    {
        _options = options;
        _moments =
        [
            .. state.Entries.Where(e => e.Trainable).Select(e =>
            {
                int count = (int)e.Weight.Value.Count;
                return new Moments(e, new float[count], new float[count], e.Weight.Value.Span.ToArray());
            }),
        ];
    }

    /// <summary>Steps done.</summary>
    public long Steps { get; set; }

    /// <summary>First and second moments and averages, by the key of their weight.</summary>
    public IReadOnlyList<Moments> State => _moments;

    /// <summary>
    /// One step with the gradients there are, which it takes away; weights without gradient stay. Returns the
    /// gradient's norm before clipping; where that is not finite, nothing was changed.
    /// </summary>
    public float Step(float learningRate)
    {
        double[] squares = new double[_moments.Length];
        Workers.For(
            squares.Length, i => squares[i] = TensorPrimitives.SumOfSquares<float>(_moments[i].Entry.Weight.Value.GradientSpan));
        float norm = (float)Math.Sqrt(squares.Sum());
        if (!float.IsFinite(norm))
            return norm;
        float clip = _options.ClipNorm > 0 && norm > _options.ClipNorm ? _options.ClipNorm / norm : 1f;

        Steps++;

        // The average forgets the first steps fast.
        float decay = MathF.Min(_options.AverageDecay, (1f + Steps) / (10f + Steps));
        Workers.For(_moments.Length, i =>
        {
            Moments m = _moments[i];
            TensorBuffer buffer = m.Entry.Weight.Value.Buffer;
            fixed (float* first = m.First, second = m.Second, average = m.Average)
            {
                if (buffer.Gradient is { } gradient)
                {
                    m.Steps++;
                    float correction1 = 1f - MathF.Pow(_options.Beta1, m.Steps);
                    float correction2 = 1f - MathF.Pow(_options.Beta2, m.Steps);
                    Simd.Run(new StepLoop
                    {
                        W = buffer.Data, G = gradient.Data, First = first, Second = second, Average = average,
                        Count = m.First.Length, Clip = clip, Options = _options,
                        Rate = learningRate / correction1, Root = 1f / MathF.Sqrt(correction2),
                        Decay = m.Entry.Decays ? 1f - learningRate * _options.WeightDecay : 1f, AverageDecay = decay,
                    });
                }
                else
                {
                    // An average that has arrived stays to the last bit.
                    for (int j = 0; j < m.Average.Length; j++)
                        average[j] += (1f - decay) * (buffer.Data[j] - average[j]);
                }
            }
        });
        foreach (Moments m in _moments)
            m.Entry.Weight.Changed();
        ClearGradients();
        return norm;
    }

    /// <summary>Forgets all gradients.</summary>
    public void ClearGradients()
    {
        foreach (Moments m in _moments)
        {
            TensorBuffer buffer = m.Entry.Weight.Value.Buffer;
            if (buffer.Gradient is not null)
                BufferPool.Return(buffer.Gradient);
            buffer.Gradient = null;
        }
    }

    /// <summary>Exchanges weights and averages: call twice around whatever uses the averaged model.</summary>
    public void SwapAverages()
    {
        foreach (Moments m in _moments)
        {
            Span<float> weights = m.Entry.Weight.Value.Span;
            for (int i = 0; i < weights.Length; i++)
                (weights[i], m.Average[i]) = (m.Average[i], weights[i]);
            m.Entry.Weight.Changed();
        }
    }

    /// <summary>What is kept for one weight.</summary>
    public sealed record Moments(StateEntry Entry, float[] First, float[] Second, float[] Average)
    {
        /// <summary>Steps in which the weight had a gradient: its moments are as old as that, not as the training.</summary>
        public long Steps { get; set; }
    }

    private struct StepLoop : ISimdKernel
    {
        public float* W, G, First, Second, Average;
        public int Count;
        public AdamWOptions Options;
        public float Clip, Rate, Root, Decay, AverageDecay;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run<S, V>() where S : struct, ISimd<V> where V : struct
        {
            int i = 0;
            for (; i + S.Width <= Count; i += S.Width)
                Element<S, V>(i);
            for (; i < Count; i++)
                Element<SimdScalar, float>(i);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private readonly void Element<S, V>(int i) where S : struct, ISimd<V> where V : struct
        {
            V g = S.Multiply(S.Load(G + i), S.Set(Clip));
            V m = S.MultiplyAdd(S.Load(First + i), S.Set(Options.Beta1), S.Multiply(g, S.Set(1f - Options.Beta1)));
            V v = S.MultiplyAdd(
                S.Load(Second + i), S.Set(Options.Beta2), S.Multiply(S.Multiply(g, g), S.Set(1f - Options.Beta2)));
            S.Store(First + i, m);
            S.Store(Second + i, v);
            V step = S.Divide(
                S.Multiply(m, S.Set(Rate)), S.MultiplyAdd(S.Sqrt(v), S.Set(Root), S.Set(Options.Epsilon)));
            V w = S.Subtract(S.Multiply(S.Load(W + i), S.Set(Decay)), step);
            S.Store(W + i, w);
            S.Store(Average + i, S.MultiplyAdd(
                S.Load(Average + i), S.Set(AverageDecay), S.Multiply(w, S.Set(1f - AverageDecay))));
        }
    }
}
