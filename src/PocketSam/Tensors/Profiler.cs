using System.Diagnostics;

namespace PocketSam.Tensors;

/// <summary>Listens to forward passes and sums the time and multiply-adds of their ops by layer.</summary>
internal sealed class Profiler : TapeListener
{
    private readonly Dictionary<(string Layer, string Op), (long Ticks, long MultiplyAdds, int Calls)> _sums = [];
    private long _start;

    /// <summary>Sums over all finished ops, in no particular order.</summary>
    public IReadOnlyList<ProfiledOp> Ops =>
    [
        .. _sums.Select(sum => new ProfiledOp(
            sum.Key.Layer, sum.Key.Op, sum.Value.Ticks * 1000.0 / Stopwatch.Frequency, sum.Value.MultiplyAdds,
            sum.Value.Calls)),
    ];

    /// <summary>Clears all sums.</summary>
    public void Clear() => _sums.Clear();

    public override void Starting(Op op) => _start = Stopwatch.GetTimestamp();

    public override void Finished(Op op, string layer, ReadOnlySpan<OpInput> inputs, Tensor output)
    {
        long ticks = Stopwatch.GetTimestamp() - _start;
        (string, string) key = (layer, op.Name);
        _sums.TryGetValue(key, out (long Ticks, long MultiplyAdds, int Calls) sum);
        _sums[key] = (sum.Ticks + ticks, sum.MultiplyAdds + op.MultiplyAdds, sum.Calls + 1);
    }
}

/// <summary>Totals of the ops of one kind in one layer.</summary>
/// <param name="Layer">Key of the layer; empty for none.</param>
/// <param name="Op"><see cref="Op.Name"/></param>
/// <param name="Milliseconds">Time of their forward passes.</param>
/// <param name="MultiplyAdds">Sum of their <see cref="Op.MultiplyAdds"/>.</param>
/// <param name="Calls">Number of calls.</param>
internal readonly record struct ProfiledOp(string Layer, string Op, double Milliseconds, long MultiplyAdds, int Calls);
