using System.CommandLine;
using System.Globalization;

namespace PocketSam.Cli.Sharding;

/// <summary>
/// The option <c>--shard</c>; without it, the share follows from the task of a Slurm job array, by Slurm's variables
/// for the task's id, the number of tasks, the lowest id and the step between ids.
/// </summary>
internal sealed class ShareOption
{
    private const string TaskVariable = "SLURM_ARRAY_TASK_ID";
    private const string CountVariable = "SLURM_ARRAY_TASK_COUNT";
    private const string FirstVariable = "SLURM_ARRAY_TASK_MIN";
    private const string StepVariable = "SLURM_ARRAY_TASK_STEP";

    private readonly Option<Share?> _option = new("--shard")
    {
        Description = "Only the I-th of N shares of the pictures, I from 1 to N, for several processes or machines, which need agree on "
            + "nothing; 'merge' joins what they made (default: the task of a Slurm job array, where this is one)",
        HelpName = "I/N",
        CustomParser = Share.Parse,
    };

    /// <summary>The option, for a verb to accept.</summary>
    public Option<Share?> Symbol => _option;

    /// <summary>The requested share; null for all pictures. Writes a line if the share comes from Slurm.</summary>
    /// <exception cref="UsageException">The tasks of the job array are not numbered evenly.</exception>
    public Share? Of(ParseResult arguments, TextWriter text)
    {
        if (arguments.GetValue(_option) is { } given)
            return given;
        if (Number(TaskVariable) is not { } task || Number(CountVariable) is not { } count)
            return null;
        int first = Number(FirstVariable) ?? 1, step = Math.Max(1, Number(StepVariable) ?? 1), place = task - first;
        if (count < 1 || place < 0 || place % step != 0 || place / step >= count)
        {
            throw new UsageException(string.Create(
                CultureInfo.InvariantCulture,
                $"task {task} of a job array of {count} from {first} on: the tasks are not numbered evenly; say {_option.Name} I/N"));
        }

        var share = new Share(place / step + 1, count);
        text.WriteLine($"share {share}: {TaskVariable}={task} of a job array ({_option.Name} 1/1 takes all)");
        return share;
    }

    /// <summary>Whether the option is given.</summary>
    public bool IsGiven(ParseResult arguments) => arguments.GetValue(_option) is not null;

    private static int? Number(string variable)
        => int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            ? number : null;
}
