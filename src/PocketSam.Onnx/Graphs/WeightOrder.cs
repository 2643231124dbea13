using PocketSam.Tensors;

namespace PocketSam.Onnx.Graphs;

/// <summary>
/// The order in which an ONNX operator expects the values of a weight. The library stores kernels with channels last.
/// </summary>
internal sealed class WeightOrder
{
    /// <summary>Suffix of the name of a matrix that is stored transposed against PyTorch's order.</summary>
    public const string TransposedMark = ".transposed";

    private readonly Func<int[], (int[] Split, int[] Order, long[] Shape)> _plan;
    private readonly string _mark;

    private WeightOrder(int outputAxis, Func<int[], (int[] Split, int[] Order, long[] Shape)> plan, string mark = "")
        => (OutputAxis, _plan, _mark) = (outputAxis, plan, mark);

    /// <summary>The library's own order.</summary>
    public static WeightOrder Plain { get; } = new(0, s => (s, [.. Enumerable.Range(0, s.Length)], [.. s.Select(d => (long)d)]));

    /// <summary>A matrix <c>[N, K]</c>, or a 1x1 convolution, as <c>[K, N]</c>.</summary>
    public static WeightOrder Matrix { get; } = new(
        1, s => ([s[0], Rest(s)], [1, 0], [Rest(s), s[0]]), TransposedMark);

    /// <summary>A matrix <c>[N, K]</c> as the kernel of a 1x1 convolution, <c>[N, K, 1, 1]</c>.</summary>
    public static WeightOrder Pixel { get; } = new(0, s => ([s[0], Rest(s)], [0, 1], [s[0], Rest(s), 1, 1]));

    /// <summary>A kernel <c>[out, k, k, in]</c> as <c>[out, in, k, k]</c>.</summary>
    public static WeightOrder Kernel { get; } = new(0, s => (s, [0, 3, 1, 2], [s[0], s[3], s[1], s[2]]));

    /// <summary>A depthwise kernel <c>[k, k, C]</c> as <c>[C, 1, k, k]</c>.</summary>
    public static WeightOrder Depthwise { get; } = new(0, s => (s, [2, 0, 1], [s[2], 1, s[0], s[1]]));

    /// <summary>
    /// A transposed convolution of stride 2, <c>[4 out, in]</c> with the four places outermost, as <c>[in, out, 2,
    /// 2]</c>.
    /// </summary>
    public static WeightOrder Doubling { get; } = new(1, s => ([4, s[0] / 4, s[1]], [2, 1, 0], [s[1], s[0] / 4, 2, 2]));

    /// <summary>The dimension of output channels in the changed order; quantisation scales lie along it.</summary>
    public int OutputAxis { get; }

    public string NameOf(Weight weight) => weight.Key + _mark;

    public long[] Shape(int[] shape) => _plan(shape).Shape;

    public T[] Arrange<T>(T[] values, int[] shape)
    {
        (int[] split, int[] order, _) = _plan(shape);
        if (order.Select((from, to) => from == to).All(same => same))
            return values;
        int[] strides = new int[split.Length];
        for (int i = split.Length - 1, stride = 1; i >= 0; stride *= split[i--])
            strides[i] = stride;
        var result = new T[values.Length];
        int[] at = new int[order.Length];
        for (int i = 0, source = 0; i < result.Length; i++)
        {
            result[i] = values[source];
            for (int d = order.Length - 1; d >= 0; d--)
            {
                source += strides[order[d]];
                if (++at[d] < split[order[d]])
                    break;
                source -= at[d] * strides[order[d]];
                at[d] = 0;
            }
        }

        return result;
    }

    private static int Rest(int[] shape) => shape.Skip(1).Aggregate(1, (product, size) => product * size);
}
