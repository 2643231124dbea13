using PocketSam.Layers;
using PocketSam.Tensors;

namespace PocketSam.Models;

/// <summary>Computes the embedding of a picture, which takes most of a model's time.</summary>
internal abstract class ImageEncoder
{
    /// <summary>Creates the encoder of an architecture over the scope <c>image_encoder</c> of the state dict.</summary>
    public static ImageEncoder Create(SamConfig config, Weights w) => config.Encoder switch
    {
        TinyVitConfig tiny => new TinyViT(tiny, config.PromptEmbedDim, w),
        DinoVisionTransformerConfig dino => new DinoVisionTransformer(dino, config.PromptEmbedDim, w),
        VitConfig vit => new ImageEncoderViT(vit, config.ImageSize, config.PromptEmbedDim, w),
        _ => throw new ArgumentException($"no image encoder is made of a {config.Encoder.GetType().Name}"),
    };

    /// <summary>
    /// Computes the mask decoder's input, [B, S/16, S/16, C], or with high-resolution features 4 C channels
    /// (<see cref="DecoderFeatures"/>).
    /// </summary>
    /// <param name="input">All pictures.</param>
    /// <param name="cancellation">Checked between layers.</param>
    /// <param name="progress">The fraction of blocks done, 0 to 1.</param>
    /// <param name="beforeNeck">Receives the input of the neck, [B,
    /// S/16, S/16, C'], during the call only; may be null.</param>
    /// <exception cref="ArgumentException">The encoder does not accept inputs of this size.</exception>
    /// <exception cref="OperationCanceledException">The computation is cancelled.</exception>
    public abstract Tensor Forward(
        EncoderInput input, CancellationToken cancellation = default, IProgress<double>? progress = null,
        Action<Tensor>? beforeNeck = null);

    /// <summary>
    /// <see cref="Forward(EncoderInput, CancellationToken, IProgress{double}, Action{Tensor})"/> for encoders that need
    /// the pixels [B, S, S, 3] only.
    /// </summary>
    public Tensor Forward(Tensor pixels, CancellationToken cancellation = default, IProgress<double>? progress = null)
        => Forward(new EncoderInput(pixels), cancellation, progress);
}
