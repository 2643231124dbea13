using PocketSam.Layers;
using PocketSam.Tensors;

namespace PocketSam.Models;

/// <summary>What turns a picture into its embedding; most of a model's time goes here.</summary>
internal abstract class ImageEncoder
{
    /// <summary>The encoder of that architecture over the scope <c>image_encoder</c> of the state dict.</summary>
    public static ImageEncoder Create(SamConfig config, Weights w) => config.Encoder switch
    {
        TinyVitConfig tiny => new TinyViT(tiny, config.PromptEmbedDim, w),
        DinoVisionTransformerConfig dino => new DinoVisionTransformer(dino, config.PromptEmbedDim, w),
        VitConfig vit => new ImageEncoderViT(vit, config.ImageSize, config.PromptEmbedDim, w),
        _ => throw new ArgumentException($"no image encoder is made of a {config.Encoder.GetType().Name}"),
    };

    /// <summary>
    /// Pictures to what the mask decoder takes of them, [B, S/16, S/16, C], or 4 C channels with high-resolution features
    /// (<see cref="DecoderFeatures"/>).
    /// </summary>
    /// <param name="input">All pictures.</param>
    /// <param name="cancellation">Looked at between layers.</param>
    /// <param name="progress">Told the share of the blocks that are done, 0 to 1.</param>
    /// <param name="beforeNeck">Is shown what goes into the neck, [B, S/16, S/16, C'], and keeps nothing of it; null for nobody.</param>
    /// <exception cref="ArgumentException">The encoder takes no input of that size.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public abstract Tensor Forward(
        EncoderInput input, CancellationToken cancellation = default, IProgress<double>? progress = null,
        Action<Tensor>? beforeNeck = null);

    /// <summary>The same for encoders that look at the input alone.</summary>
    public Tensor Forward(Tensor pixels, CancellationToken cancellation = default, IProgress<double>? progress = null)
        => Forward(new EncoderInput(pixels), cancellation, progress);
}
