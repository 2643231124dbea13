using System.CommandLine;
using PocketSam.Cli.Pictures;
using PocketSam.Training.Evaluation;

namespace PocketSam.Cli.Trainings;

/// <summary>The options of the validation during a training.</summary>
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

    /// <summary>All options, for a verb to accept.</summary>
    public Symbol[] Symbols => [_sets, _every, _masks];

    /// <summary>The files of the data sets.</summary>
    public string[] Files(ParseResult arguments) => arguments.GetValue(_sets) ?? [];

    /// <summary>The validation; null if no data set is given.</summary>
    /// <param name="arguments">The parsed arguments.</param>
    /// <param name="training">The files of the pictures that are trained on; the validation must have none of them.</param>
    /// <param name="sets">The options of reading data sets.</param>
    /// <param name="imageSize">Side of the model's input, in pixels.</param>
    /// <param name="checkpointEvery">Number of steps between checkpoints.</param>
    public ValidationPlan? Plan(ParseResult arguments, IEnumerable<string> training, DataSetOptions sets, int imageSize,
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

/// <summary>A validation, and how often it runs.</summary>
/// <param name="Sets">The validation.</param>
/// <param name="Every">Number of steps between two validations.</param>
internal sealed record ValidationPlan(Validation Sets, int Every);
