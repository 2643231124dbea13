namespace PocketSam;

/// <summary>
/// A prompt encoder and mask decoder that compute elsewhere. <see cref="Sam.WithBackend"/> puts them in the place of a model's
/// own. Any number of threads may call it.
/// </summary>
public interface IDecoderBackend
{
    /// <summary>Objects that are given to it at once, at most.</summary>
    int MaxObjects { get; }

    /// <summary>Computes masks and their predicted IoU.</summary>
    /// <param name="prompts">The picture and what is asked for.</param>
    /// <param name="iou">Takes the predicted IoU, [objects, masks]: mask 0 is for unambiguous prompts.</param>
    /// <param name="logits">Takes the low-resolution masks, [objects, masks, S/4, S/4].</param>
    /// <param name="cancellation">Stops the work where that is possible.</param>
    /// <exception cref="PromptException">It does not take prompts of that kind.</exception>
    void Decode(BackendPrompts prompts, Memory<float> iou, Memory<float> logits, CancellationToken cancellation);
}
