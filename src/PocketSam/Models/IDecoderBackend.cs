namespace PocketSam;

/// <summary>
/// A prompt encoder and mask decoder outside this library. <see cref="Sam.WithBackend"/> replaces a model's own by it.
/// Must be safe for concurrent calls.
/// </summary>
public interface IDecoderBackend
{
    /// <summary>The most objects in one call, at least 1.</summary>
    int MaxObjects { get; }

    /// <summary>Computes masks and their predicted IoU.</summary>
    /// <param name="prompts">The picture's features and the prompts.</param>
    /// <param name="iou">Receives the predicted IoU, <c>[objects, masks]</c>;
    /// mask 0 is that for unambiguous prompts.</param>
    /// <param name="logits">Receives the low-resolution mask logits, <c>[objects, masks, S/4, S/4]</c>.</param>
    /// <param name="cancellation">Stops the computation if possible.</param>
    /// <exception cref="PromptException">The backend does not support such prompts.</exception>
    void Decode(BackendPrompts prompts, Memory<float> iou, Memory<float> logits, CancellationToken cancellation);
}
