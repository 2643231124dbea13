using System.CommandLine;
using PocketSam.Text;

namespace PocketSam.Cli.Words;

/// <summary>Words to look for, and what understands them.</summary>
internal sealed class TextOptions
{
    private static readonly string[] Views = ["crops", "dense"];

    private readonly Option<string?> _text = new("--text")
    {
        Description = "Look for what words mean, several with commas between them; without --text-model the words that 'info' lists of the model",
        HelpName = "WORDS",
    };

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

    public TextOptions() => _view.AcceptOnlyFromAmong(Views);

    /// <summary>The options themselves.</summary>
    public IReadOnlyList<Symbol> Symbols => [_text, _model, _view, _threshold];

    /// <summary>What is looked for, in the order given; empty where no words are.</summary>
    /// <exception cref="UsageException">An option of words without words, or nothing between two commas.</exception>
    public IReadOnlyList<string> Phrases(ParseResult arguments)
    {
        if (arguments.GetValue(_text) is not { } text)
        {
            if (arguments.GetValue(_model) is not null || arguments.GetValue(_threshold) is not null)
                throw new UsageException($"{_model.Name} and {_threshold.Name} need {_text.Name}");
            return [];
        }

        string[] phrases = [.. text.Split(',').Select(phrase => phrase.Trim())];
        return Array.TrueForAll(phrases, phrase => phrase.Length > 0)
            ? [.. phrases.Distinct()] : throw new UsageException($"{_text.Name} {text}: expected words with commas between them");
    }

    /// <summary>The file of the CLIP that is asked for, to be read.</summary>
    public string? ModelOf(ParseResult arguments) => arguments.GetValue(_model);

    /// <summary>What understands the words.</summary>
    /// <param name="arguments">Parsed without error.</param>
    /// <param name="sam">Finds the masks.</param>
    /// <param name="masks">How everything is looked for.</param>
    public ITextGrounder Grounder(ParseResult arguments, Sam sam, MaskGeneratorOptions masks)
    {
        if (arguments.GetValue(_model) is not { } model)
        {
            if (arguments.GetValue(_threshold) is not null)
                throw new UsageException($"{_threshold.Name} needs {_model.Name}: the model's own words have their own");
            return new WordGrounder(sam, masks);
        }

        var options = new ClipGrounderOptions { View = arguments.GetRequiredValue(_view) == Views[0] ? ClipView.Crops : ClipView.Dense };
        return new ClipGrounder(
            sam, Clip.Load(model), arguments.GetValue(_threshold) is { } threshold ? options with { Threshold = (float)threshold } : options, masks);
    }
}
