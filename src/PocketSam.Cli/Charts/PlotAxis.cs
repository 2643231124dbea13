using System.Globalization;

namespace PocketSam.Training.Optimization.Curves;

/// <summary>A range of numbers along a line of a picture, with ticks at round numbers.</summary>
internal sealed class PlotAxis
{
    private readonly double _from;
    private readonly double _to;
    private readonly double _start;
    private readonly double _length;
    private readonly double _spacing;

    /// <param name="from">The smallest number.</param>
    /// <param name="to">The largest, above it.</param>
    /// <param name="start">Where the smallest lies.</param>
    /// <param name="end">Where the largest lies.</param>
    /// <param name="ticks">About how many ticks.</param>
    /// <param name="leastSpacing">Ticks are at least so far apart: 1 for whole numbers.</param>
    public PlotAxis(double from, double to, double start, double end, int ticks, double leastSpacing = 0)
    {
        (_from, _to, _start, _length) = (from, to, start, end - start);
        _spacing = Math.Max(leastSpacing, Round((to - from) / ticks));
    }

    /// <summary>The numbers that are marked: multiples of 1, 2 or 5 times a power of ten.</summary>
    public IEnumerable<double> Ticks()
    {
        double first = Math.Ceiling(_from / _spacing - 1e-9), last = Math.Floor(_to / _spacing + 1e-9);
        for (double i = first; i <= last; i++)
            yield return i * _spacing;
    }

    /// <summary>Where a number lies.</summary>
    public double Place(double value) => _start + (value - _from) / (_to - _from) * _length;

    /// <summary>A tick as text: thousands as k, millions as M, as many digits as tell the ticks apart.</summary>
    public string Label(double value)
    {
        double largest = Math.Max(Math.Abs(_from), Math.Abs(_to));
        if (value == 0)
            return "0";
        if (largest < 1e-3 || largest >= 1e10)
            return value.ToString("0.##e+0", CultureInfo.InvariantCulture);
        (double unit, string suffix) = _spacing >= 1e5 ? (1e6, "M") : _spacing >= 1e3 ? (1e3, "k") : (1, "");
        int digits = Math.Max(0, (int)Math.Ceiling(-Math.Log10(_spacing / unit) - 1e-9));
        return (value / unit).ToString($"F{digits}", CultureInfo.InvariantCulture) + suffix;
    }

    /// <summary>The least of 1, 2 and 5 times a power of ten that is not below a number.</summary>
    private static double Round(double spacing)
    {
        double power = Math.Pow(10, Math.Floor(Math.Log10(spacing)));
        return (spacing / power) switch
        {
            <= 1.0001 => power,
            <= 2.0001 => 2 * power,
            <= 5.0001 => 5 * power,
            _ => 10 * power,
        };
    }
}
