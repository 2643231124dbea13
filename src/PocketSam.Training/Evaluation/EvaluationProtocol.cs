using System.Globalization;

namespace PocketSam.Training.Evaluation;

/// <summary>How a model is prompted in an evaluation: by the object's box, or by a number of clicks.</summary>
public sealed record EvaluationProtocol
{
    /// <summary>The largest number of clicks.</summary>
    public const int MaxClicks = 20;

    private const string BoxName = "box";
    private const string ClickSuffix = "-click";
    private const string MultiSuffix = "-multi";

    private EvaluationProtocol(int clicks, bool isMulti = false)
    {
        ClickCount = clicks;
        IsMulti = isMulti;
    }

    /// <summary>A box prompt, the bounding box of the ground truth; one mask.</summary>
    public static EvaluationProtocol Box { get; } = new(0);

    /// <summary>
    /// One click, for which the mask with the highest predicted IoU among those for ambiguous prompts is measured, as
    /// in published results. The best of these masks is the oracle.
    /// </summary>
    public static EvaluationProtocol OneClickMulti { get; } = new(1, isMulti: true);

    /// <summary>Whether it is <see cref="OneClickMulti"/>.</summary>
    public bool IsMulti { get; }

    /// <summary>Number of clicks per object; 0 for <see cref="Box"/>.</summary>
    public int ClickCount { get; }

    /// <summary>Whether the prompt is the box.</summary>
    public bool IsBox => ClickCount == 0;

    /// <summary>
    /// The name on the command line and in reports: <c>box</c>, <c>1-click</c>, <c>1-click-multi</c>, <c>3-click</c>.
    /// </summary>
    public string Name => IsBox
        ? BoxName : ClickCount.ToString(CultureInfo.InvariantCulture) + ClickSuffix + (IsMulti ? MultiSuffix : "");

    /// <summary>A number of clicks. For the first click the mask that users are shown first is measured.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not 1 to <see cref="MaxClicks"/>.</exception>
    public static EvaluationProtocol Clicks(int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, MaxClicks);
        return new EvaluationProtocol(count);
    }

    /// <summary>Parses a name.</summary>
    /// <exception cref="FormatException">It is neither <c>box</c> nor <c>k-click</c> with k from 1 to 20.</exception>
    public static EvaluationProtocol Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text == BoxName)
            return Box;
        if (text == OneClickMulti.Name)
            return OneClickMulti;
        if (text.EndsWith(ClickSuffix, StringComparison.Ordinal))
        {
            ReadOnlySpan<char> number = text.AsSpan(0, text.Length - ClickSuffix.Length);
            if (int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out int count)
                && count is >= 1 and <= MaxClicks)
            {
                return Clicks(count);
            }
        }

        throw new FormatException(
            $"'{text}' is no evaluation protocol; there are 'box', '1-click' to '{MaxClicks}-click', and '{OneClickMulti}'");
    }

    /// <summary>Parses names separated by commas, in their order.</summary>
    /// <exception cref="FormatException">A name is unknown, or occurs twice.</exception>
    public static IReadOnlyList<EvaluationProtocol> ParseList(string text) => ProtocolList.Parse(text, Parse);

    /// <inheritdoc/>
    public override string ToString() => Name;
}
