using System.CommandLine;

namespace PocketSam.Cli;

/// <summary>Options for FastSAM's models, and their recognition.</summary>
internal static class FastSamArguments
{
    private static readonly string[] Rules = ["published", "probability", "current"];
    private static readonly string[] Choices = ["confident", "smallest"];

    /// <summary><c>--mask-rule</c></summary>
    public static Option<string?> MaskRule()
    {
        var option = new Option<string?>("--mask-rule")
        {
            Description = "FastSAM: how masks are made: as its authors publish it, by probabilities as in ultralytics 8.0, or as in "
                + $"today's ultralytics (default: {Rules[0]})",
            HelpName = string.Join('|', Rules),
        };
        option.AcceptOnlyFromAmong(Rules);
        return option;
    }

    /// <summary><c>--point-choice</c></summary>
    public static Option<string?> PointChoice()
    {
        var option = new Option<string?>("--point-choice")
        {
            Description = $"FastSAM: which of several masks under the points is meant (default: {Choices[0]})",
            HelpName = string.Join('|', Choices),
        };
        option.AcceptOnlyFromAmong(Choices);
        return option;
    }

    /// <summary>The rule of this name; the published one for null.</summary>
    public static MaskRule RuleOf(string? name) => (MaskRule)Math.Max(0, Array.IndexOf(Rules, name));

    /// <summary>The choice of this name; the most confident mask for null.</summary>
    public static PointChoice ChoiceOf(string? name) => (PointChoice)Math.Max(0, Array.IndexOf(Choices, name));

    /// <summary>Whether a file is a FastSAM model; false for names of models.</summary>
    /// <exception cref="IOException">The file cannot be read or is not a checkpoint.</exception>
    public static bool Are(string model)
    {
        if (!File.Exists(model))
            return false;
        using Checkpoint checkpoint = CheckpointFile.Read(model);
        return FastSam.Recognizes(checkpoint);
    }

    /// <summary>Refuses options that do not apply to the model.</summary>
    /// <param name="arguments">The parsed command line.</param>
    /// <param name="model">The model, in words.</param>
    /// <param name="options">The options that do not apply.</param>
    /// <exception cref="UsageException">One of the options is given.</exception>
    public static void Refuse(ParseResult arguments, string model, params ReadOnlySpan<Option> options)
    {
        foreach (Option option in options)
        {
            if (arguments.GetResult(option) is { Implicit: false })
                throw new UsageException($"{option.Name} is not for {model}");
        }
    }
}
