using Microsoft.Extensions.Options;
using PocketSam.Server.Images;

namespace PocketSam.Server;

/// <summary>
/// Understands words as the service does: by the <see cref="ITextGrounder"/> that the host has registered, else by those that its model
/// knows. A singleton among the services of <see cref="PocketSamServiceCollectionExtensions.AddPocketSam"/>.
/// </summary>
public sealed class PocketSamWords
{
    private readonly TextOffer _text;
    private readonly PocketSamModel _model;
    private readonly PocketSamOptions _options;

    internal PocketSamWords(TextOffer text, PocketSamModel model, IOptions<PocketSamOptions> options)
        => (_text, _model, _options) = (text, model, options.Value);

    /// <summary>
    /// A search with the model that answers now, on any number of pictures. What refuses it (words that are not known, none that are) is
    /// thrown on: endpoints of <see cref="PocketSamEndpointRouteBuilderExtensions.MapPocketSamGroup"/> let it pass, and it is answered as
    /// for a picture of the service.
    /// </summary>
    /// <param name="text">What is looked for, with commas between phrases.</param>
    /// <exception cref="PromptException">There is nothing in it, or between two commas.</exception>
    public PocketSamWordSearch Ask(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        ITextGrounder grounder = _text.Require();
        IReadOnlyList<string> phrases = _text.PhrasesOf(text, grounder);
        return new PocketSamWordSearch(_text.EncoderOf(_text.MakerFor(_model.Current)), grounder, phrases, _options.ImageSize);
    }
}
