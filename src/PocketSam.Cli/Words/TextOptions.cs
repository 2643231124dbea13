using System.CommandLine;

namespace PocketSam.Cli.Words;

/// <summary>Options for the text to find and the model that understands it.</summary>
internal sealed class TextOptions
{
    private readonly Option<string?> _text = new("--text")
    {
        Description = "Look for what words mean, several with commas between them; without --text-model the words that 'info' lists of the model",
        HelpName = "WORDS",
    };

    private readonly TextModelOptions _model = new();

    /// <summary>All options, for a verb to accept.</summary>
    public IReadOnlyList<Symbol> Symbols => [_text, .. _model.Symbols];

    /// <summary>The phrases in the order given; empty if no text is given.</summary>
    /// <exception cref="UsageException">A text option is given without a text, or a phrase is empty.</exception>
    public IReadOnlyList<string> Phrases(ParseResult arguments)
    {
        if (arguments.GetValue(_text) is not { } text)
        {
            _model.Refuse(arguments, _text.Name);
            return [];
        }

        try
        {
            return TextPrompt.Split(text);
        }
        catch (PromptException e)
        {
            throw new UsageException($"{_text.Name} {text}: {e.Message}");
        }
    }

    /// <summary>Name or file of the given CLIP; null if none is given.</summary>
    public string? ModelOf(ParseResult arguments) => _model.ModelOf(arguments);

    /// <summary>The grounder of the given CLIP or of the model's own words.</summary>
    /// <param name="arguments">The arguments, parsed without errors.</param>
    /// <param name="sam">The model that generates the masks.</param>
    /// <param name="masks">Options for generating the masks.</param>
    /// <exception cref="ArgumentException">The model knows no words, and no CLIP is given.</exception>
    public ITextGrounder Grounder(ParseResult arguments, Sam sam, MaskGeneratorOptions masks)
        => _model.GrounderOf(arguments, sam, masks) ?? new WordGrounder(sam, masks);
}
