using System.CommandLine;
using PocketSam.Cli.Pictures;
using PocketSam.Training.Evaluation;

namespace PocketSam.Cli.Trainings;

/// <summary>The options that say what a training is measured on while it runs.</summary>
internal sealed class ValidationOptions
{
    private readonly Option<string[]> _sets = new("--val")
    {
        Description = "A COCO instance file to measure on while training, never trained on; the best model is kept; may be repeated",
        HelpName = "FILE.json",
    };

    private readonly Option<int?> _every = CommonOptions.Number(
        "--val-every", "Steps between two measurements (default: those between checkpoints)", least: 1);

    private readonly Option<int?> _masks = CommonOptions.Number(
        "--val-masks", "Measure on the first masks of each set only", least: 1);

    /// <summary>All of them, for a verb to accept.</summary>
    public Symbol[] Symbols => [_sets, _every, _masks];

    /// <summary>The files of the data sets.</summary>
    public string[] Files(ParseResult arguments) => arguments.GetValue(_sets) ?? [];

    /// <summary>What was asked for, or null where nothing was.</summary>
    /// <param name="arguments">What was typed.</param>
    /// <param name="training">What is trained on, which the sets must not share a picture with.</param>
    /// <param name="sets">How data sets are read.</param>
    /// <param name="imageSize">Side of the input that the model is meant for.</param>
    /// <param name="checkpointEvery">Steps between checkpoints.</param>
    public ValidationPlan? Plan(ParseResult arguments, IEnumerable<CocoDataset> training, DataSetOptions sets, int imageSize,
        int checkpointEvery)
    {
        if (arguments.GetValue(_sets) is not { Length: > 0 } paths)
        {
            return arguments.GetValue(_every) is null && arguments.GetValue(_masks) is null
                ? null : throw new UsageException($"{_every.Name} and {_masks.Name} need {_sets.Name}");
        }

        var validation = new Validation(
            [.. paths.Select(path => sets.Load(arguments, path))], sets.Reader(arguments), imageSize, arguments.GetValue(_masks),
            sets.Failures(arguments));
        validation.RefuseOverlap(training);
        return new ValidationPlan(validation, arguments.GetValue(_every) ?? checkpointEvery);
    }
}

/// <summary>What a training is measured on, and how often.</summary>
/// <param name="Sets">The data sets.</param>
/// <param name="Every">Steps between two measurements.</param>
internal sealed record ValidationPlan(Validation Sets, int Every);
