using PocketSam.Layers;
using PocketSam.Tensors;

namespace PocketSam.Models;

/// <summary>
/// From image embedding and prompt to masks and their predicted IoU (segment_anything/modeling/mask_decoder.py). Mask 0
/// is for unambiguous prompts, masks 1 to 3 for ambiguous ones.
/// </summary>
internal sealed class MaskDecoder
{
    private readonly TwoWayTransformer _transformer;
    private readonly Weight _iouToken;
    private readonly Weight _maskTokens;
    private readonly ConvTranspose2d _upscale1;
    private readonly LayerNorm _upscaleNorm;
    private readonly ConvTranspose2d _upscale2;
    private readonly Mlp[] _hypernetworks;
    private readonly Mlp _iouHead;

    public MaskDecoder(SamConfig config, Weights w)
    {
        int channels = config.PromptEmbedDim;
        MaskTokens = config.NumMultimaskOutputs + 1;
        _transformer = new TwoWayTransformer(
            config.DecoderDepth, channels, config.DecoderHeads, config.DecoderMlpDim, w["transformer"]);
        _iouToken = w["iou_token"].Get("weight", Initializer.Normal(), decays: false, 1, channels);
        _maskTokens = w["mask_tokens"].Get("weight", Initializer.Normal(), decays: false, MaskTokens, channels);
        _upscale1 = new ConvTranspose2d(channels, channels / 4, w["output_upscaling"][0]);
        _upscaleNorm = new LayerNorm(channels / 4, w["output_upscaling"][1], LayerNorm.Epsilon2d);
        _upscale2 = new ConvTranspose2d(channels / 4, channels / 8, w["output_upscaling"][3]);
        _hypernetworks = new Mlp[MaskTokens];
        for (int i = 0; i < MaskTokens; i++)
            _hypernetworks[i] = new Mlp(channels, channels, channels / 8, depth: 3, w["output_hypernetworks_mlps"][i]);
        _iouHead = new Mlp(
            channels, config.IouHeadHiddenDim, MaskTokens, config.IouHeadDepth, w["iou_prediction_head"]);
    }

    /// <summary>Masks per prompt, all of them.</summary>
    public int MaskTokens { get; }

    /// <summary>
    /// Image rows with the mask prompt added [P, side, side, C], positions [1, side side, C], prompt embeddings
    /// [P, n, C] to logits [P, masks, (4 side)^2] and predicted IoU [P, masks].
    /// </summary>
    public (Tensor Logits, Tensor Iou) Forward(Tensor image, Tensor positions, Tensor sparse)
    {
        int prompts = image.Shape[0], side = image.Shape[1], channels = image.Channels;
        Tensor output = LayoutOps.Concatenate(
            _iouToken.Value.Reshape(1, 1, channels), _maskTokens.Value.Reshape(1, MaskTokens, channels));
        Tensor tokens = LayoutOps.Concatenate(output.RepeatItems(prompts), sparse);

        (tokens, image) = _transformer.Forward(image.Reshape(prompts, side * side, channels), positions, tokens);
        Tensor iou = _iouHead.Forward(tokens.Slice(0, 1)).Reshape(prompts, MaskTokens);

        Tensor up = _upscaleNorm.Forward(_upscale1.Forward(image.Reshape(prompts, side, side, channels))).Gelu();
        up = _upscale2.Forward(up).Gelu();                                       // [P, 4 side, 4 side, C/8]
        Tensor[] weights = new Tensor[MaskTokens];
        for (int i = 0; i < MaskTokens; i++)
            weights[i] = _hypernetworks[i].Forward(tokens.Slice(1 + i, 1));      // [P, 1, C/8]
        Tensor hyper = LayoutOps.Concatenate(weights);
        Tensor logits = MatrixOps.MatMulTransposed(hyper, up.Reshape(prompts, -1, channels / 8));
        return (logits, iou);
    }
}
