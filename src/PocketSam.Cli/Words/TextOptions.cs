using System.CommandLine;

namespace PocketSam.Cli.Words;

/// <summary>Words to look for, and what understands them.</summary>
internal sealed class TextOptions
{
    private readonly Option<string?> _text = new("--text")
    {
        Description = "Look for what words mean, several with commas between them; without --text-model the words that 'info' lists of the model",
        HelpName = "WORDS",
    };

    private readonly TextModelOptions _model = new();

    /// <summary>The options themselves.</summary>
    public IReadOnlyList<Symbol> Symbols => [_text, .. _model.Symbols];

    /// <summary>What is looked for, in the order given; empty where no words are.</summary>
    /// <exception cref="UsageException">An option of words without words, or nothing between two commas.</exception>
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

    /// <summary>The file of the CLIP that is asked for, to be read.</summary>
    public string? ModelOf(ParseResult arguments) => _model.ModelOf(arguments);

    /// <summary>What understands the words.</summary>
    /// <param name="arguments">Parsed without error.</param>
    /// <param name="sam">Finds the masks.</param>
    /// <param name="masks">How everything is looked for.</param>
    /// <exception cref="ArgumentException">The model knows no words, and no other is asked for.</exception>
    public ITextGrounder Grounder(ParseResult arguments, Sam sam, MaskGeneratorOptions masks)
        => _model.GrounderOf(arguments, sam, masks) ?? new WordGrounder(sam, masks);
}
