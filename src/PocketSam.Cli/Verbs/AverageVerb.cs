using System.CommandLine;
using System.Globalization;
using PocketSam.Cli.Reports;
using PocketSam.Training.Optimization;

namespace PocketSam.Cli.Verbs;

/// <summary><c>average</c>: the mean of the weights of several trainings.</summary>
internal sealed class AverageVerb : Verb
{
    private readonly Argument<string[]> _models = new("FILE[=SHARE]")
    {
        Description = "Two or more files of models that were trained from the same beginning, and the share of each (default 1)",
        Arity = new ArgumentArity(2, 64),
    };

    private readonly Option<string> _output = new("--output")
    {
        Description = "The file to write; its extension, .safetensors, .pt or .pth, is the format", HelpName = "FILE", Required = true,
    };

    public AverageVerb()
        : base(
            "average", "Average the weights of several trainings of a model, which is often better than each",
            "average runs/a/model.safetensors runs/b/model.safetensors --output mean.safetensors",
            "average old.safetensors=0.4 new.safetensors=0.6 --output mean.safetensors")
    {
        _models.Validators.Add(result =>
        {
            try
            {
                foreach (var token in result.Tokens)
                    Parse(token.Value);
            }
            catch (FormatException e)
            {
                result.AddError(e.Message);
            }
        });
        Accept(_models, _output);
    }

    protected override void Declare(ParseResult arguments, RunFiles files)
    {
        files.Read(arguments.GetRequiredValue(_models).Select(text => Parse(text).File));
        files.Write(arguments.GetRequiredValue(_output));
    }

    protected override void Execute(ParseResult arguments, Terminal terminal, CancellationToken cancellation)
    {
        string output = arguments.GetRequiredValue(_output);
        OutputPath.Require(output, ".safetensors", ".pt", ".pth");
        (string File, double Share)[] named = [.. arguments.GetRequiredValue(_models).Select(Parse)];
        List<(Checkpoint Model, double Share)> parts = [];
        try
        {
            foreach ((string file, double share) in named)
                parts.Add((CheckpointFile.Read(file), share));
            Checkpoint mean = CheckpointAverage.Of(parts, cancellation);
            CheckpointFile.Write(output, mean.Tensors, mean.Metadata, cancellation: cancellation);
        }
        finally
        {
            foreach ((Checkpoint model, _) in parts)
                model.Dispose();
        }

        double all = named.Sum(part => part.Share);
        TextWriter text = TextOf(terminal);
        foreach ((string file, double share) in named)
            text.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{share / all:0.000} of {file}"));
        text.WriteLine(string.Create(CultureInfo.InvariantCulture, $"wrote {output}, {new FileInfo(output).Length / 1e6:0.00} MB"));
        WriteJson(
            arguments, terminal, new AverageReport(output, [.. named.Select(part => new AveragePart(part.File, part.Share / all))]),
            AverageJson.Default.AverageReport);
    }

    /// <summary>Parses a file and its share.</summary>
    /// <exception cref="FormatException">The share is not a number above 0.</exception>
    private static (string File, double Share) Parse(string text)
    {
        int mark = text.LastIndexOf('=');
        if (mark <= 0)
            return (text, 1);
        return double.TryParse(text[(mark + 1)..], NumberStyles.Float, CultureInfo.InvariantCulture, out double share) && share > 0 && double.IsFinite(share)
            ? (text[..mark], share) : throw new FormatException($"{text}: expected a share above 0 after '='");
    }
}
