using System.CommandLine;
using PocketSam.Text;

namespace PocketSam.Cli.Words;

/// <summary>What understands words: a CLIP that is given, or else the model's own words.</summary>
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

    /// <summary>The options themselves.</summary>
    public IReadOnlyList<Symbol> Symbols => [_model, _view, _threshold];

    /// <summary>The file of the CLIP that is asked for, to be read.</summary>
    public string? ModelOf(ParseResult arguments) => arguments.GetValue(_model);

    /// <summary>Refuses them where no words are looked for.</summary>
    /// <param name="arguments">Parsed without error.</param>
    /// <param name="text">The option that words are given by.</param>
    /// <exception cref="UsageException">One of them is given.</exception>
    public void Refuse(ParseResult arguments, string text)
    {
        if (arguments.GetValue(_model) is not null || arguments.GetValue(_threshold) is not null)
            throw new UsageException($"{_model.Name} and {_threshold.Name} need {text}");
    }

    /// <summary>What understands the words; null where none is asked for and the model knows none.</summary>
    /// <param name="arguments">Parsed without error.</param>
    /// <param name="sam">Finds the masks.</param>
    /// <param name="masks">How everything is looked for.</param>
    /// <exception cref="UsageException">A threshold of a CLIP without a CLIP.</exception>
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
