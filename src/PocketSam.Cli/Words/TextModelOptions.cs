using System.CommandLine;
using PocketSam.Text;

namespace PocketSam.Cli.Words;

/// <summary>Options that choose the model for texts: a given CLIP, or else the model's own words.</summary>
internal sealed class TextModelOptions
{
    private static readonly string[] Views = ["crops", "dense"];

    private readonly Option<string?> _model = new("--text-model")
    {
        Description = "A CLIP that understands any words: a name of 'models' that was pulled, or a file with its configuration beside it",
        HelpName = "tinyclip|FILE",
    };

    private readonly Option<string> _view = new("--text-view")
    {
        Description = "What CLIP looks at: each mask by itself, or the picture once, which is faster and coarser",
        HelpName = string.Join('|', Views),
        DefaultValueFactory = _ => Views[0],
    };

    private readonly Option<double?> _threshold = CommonOptions.Share(
        "--text-threshold", "Least probability of an answer with --text-model (default: 0.5)");

    public TextModelOptions() => _view.AcceptOnlyFromAmong(Views);

    /// <summary>All options, for a verb to accept.</summary>
    public IReadOnlyList<Symbol> Symbols => [_model, _view, _threshold];

    /// <summary>Name or file of the given CLIP; null if none is given.</summary>
    public string? ModelOf(ParseResult arguments) => arguments.GetValue(_model);

    /// <summary>Refuses the options if no text is given.</summary>
    /// <param name="arguments">The arguments, parsed without errors.</param>
    /// <param name="text">Name of the option for the text.</param>
    /// <exception cref="UsageException">One of the options is given.</exception>
    public void Refuse(ParseResult arguments, string text)
    {
        if (arguments.GetValue(_model) is not null || arguments.GetValue(_threshold) is not null)
            throw new UsageException($"{_model.Name} and {_threshold.Name} need {text}");
    }

    /// <summary>The grounder; null if no CLIP is given and the model knows no words.</summary>
    /// <param name="arguments">The arguments, parsed without errors.</param>
    /// <param name="sam">The model that generates the masks.</param>
    /// <param name="masks">Options for generating the masks.</param>
    /// <exception cref="UsageException">A threshold is given without a CLIP.</exception>
    public ITextGrounder? GrounderOf(ParseResult arguments, Sam sam, MaskGeneratorOptions masks)
    {
        if (arguments.GetValue(_model) is not { } model)
        {
            if (arguments.GetValue(_threshold) is not null)
                throw new UsageException($"{_threshold.Name} needs {_model.Name}: the model's own words have their own");
            return sam.Words is null ? null : new WordGrounder(sam, masks);
        }

        var options = new ClipGrounderOptions { View = arguments.GetRequiredValue(_view) == Views[0] ? ClipView.Crops : ClipView.Dense };
        return new ClipGrounder(
            sam, Clip.Load(model), arguments.GetValue(_threshold) is { } threshold ? options with { Threshold = (float)threshold } : options, masks);
    }
}
