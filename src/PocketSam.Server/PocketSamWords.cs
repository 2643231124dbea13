using Microsoft.Extensions.Options;
using PocketSam.Server.Images;

namespace PocketSam.Server;

/// <summary>
/// Searches for words as the service does: with the <see cref="ITextGrounder"/> that the host has registered, otherwise
/// with the words that its model knows. A singleton service of
/// <see cref="PocketSamServiceCollectionExtensions.AddPocketSam"/>.
/// </summary>
public sealed class PocketSamWords
{
    private readonly TextOffer _text;
    private readonly PocketSamModel _model;
    private readonly PocketSamOptions _options;

    internal PocketSamWords(TextOffer text, PocketSamModel model, IOptions<PocketSamOptions> options)
        => (_text, _model, _options) = (text, model, options.Value);

    /// <summary>
    /// Begins a search with the model in use, on any number of pictures. Exceptions for unknown or missing words need not
    /// be caught: the endpoints of <see cref="PocketSamEndpointRouteBuilderExtensions.MapPocketSamGroup"/> turn them into
    /// the same responses as the service's own.
    /// </summary>
    /// <param name="text">The phrases, separated by commas.</param>
    /// <exception cref="PromptException">The text has no words, or none between two commas.</exception>
    public PocketSamWordSearch Ask(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        ITextGrounder grounder = _text.Require();
        IReadOnlyList<string> phrases = _text.PhrasesOf(text, grounder);
        return new PocketSamWordSearch(_text.EncoderOf(_text.MakerFor(_model.Current)), grounder, phrases, _options.ImageSize);
    }
}
