using PocketSam.Layers;
using PocketSam.Tensors;

namespace PocketSam.Models;

/// <summary>
/// Computes masks and their predicted IoU from image embedding and prompt (segment_anything/modeling/mask_decoder.py).
/// Mask 0 is for unambiguous prompts, masks 1 to 3 are for ambiguous ones.
/// </summary>
internal sealed class MaskDecoder
{
    private readonly Weight _iouToken;
    private readonly Weight _maskTokens;
    private readonly Mlp[] _hypernetworks;
    private readonly Mlp _iouHead;

    public MaskDecoder(SamConfig config, Weights w)
    {
        int channels = config.PromptEmbedDim;
        Key = w.Key;
        MaskTokens = config.NumMultimaskOutputs + 1;
        Transformer = new TwoWayTransformer(
            config.DecoderDepth, channels, config.DecoderHeads, config.DecoderMlpDim, w["transformer"]);
        _iouToken = w["iou_token"].Get("weight", Initializer.Normal(), decays: false, 1, channels);
        _maskTokens = w["mask_tokens"].Get("weight", Initializer.Normal(), decays: false, MaskTokens, channels);
        Upscale1 = new ConvTranspose2d(channels, channels / 4, w["output_upscaling"][0]);
        UpscaleNorm = new LayerNorm(channels / 4, w["output_upscaling"][1], LayerNorm.Epsilon2d);
        Upscale2 = new ConvTranspose2d(channels / 4, channels / 8, w["output_upscaling"][3]);
        _hypernetworks = new Mlp[MaskTokens];
        for (int i = 0; i < MaskTokens; i++)
            _hypernetworks[i] = new Mlp(channels, channels, channels / 8, depth: 3, w["output_hypernetworks_mlps"][i]);
        _iouHead = new Mlp(
            channels, config.IouHeadHiddenDim, MaskTokens, config.IouHeadDepth, w["iou_prediction_head"]);
    }

    /// <summary>PyTorch's key of the decoder.</summary>
    public string Key { get; }

    /// <summary>Number of masks per prompt.</summary>
    public int MaskTokens { get; }

    public TwoWayTransformer Transformer { get; }

    public ConvTranspose2d Upscale1 { get; }

    /// <summary>The norm after <see cref="Upscale1"/>, before the GELU.</summary>
    public LayerNorm UpscaleNorm { get; }

    public ConvTranspose2d Upscale2 { get; }

    /// <summary>Computes logits [P, masks, (4 side)^2] and predicted IoU [P, masks].</summary>
    /// <param name="image">Image rows with the mask prompt added, [P, side, side, C].</param>
    /// <param name="positions">Positions of the image rows, [1, side * side, C].</param>
    /// <param name="sparse">Embeddings of the prompts, [P, n, C].</param>
    /// <param name="highResolution">Features [1, 4 side, 4 side, C/8] and [1, 2 side, 2 side, C/4] that are added to
    /// the result of the second upscaling before its GELU and to that of the first before its norm
    /// (sam2/modeling/sam/mask_decoder.py), or null.</param>
    public DecodedMasks Forward(
        Tensor image, Tensor positions, Tensor sparse, (Tensor Quarter, Tensor Eighth)? highResolution = null)
    {
        using Tape.LayerScope layer = Tape.Enter(Key);
        int prompts = image.Shape[0], side = image.Shape[1], channels = image.Channels;
        (Tensor tokens, image) =
            Transformer.Forward(image.Reshape(prompts, side * side, channels), positions, AllTokens(sparse));
        Tensor iou = PredictedIou(tokens);

        Tensor up = Upscale1.Forward(image.Reshape(prompts, side, side, channels));
        up = UpscaleNorm.Forward(highResolution is { Eighth: var eighth } ? up.AddRepeated(eighth) : up).Gelu();
        up = Upscale2.Forward(up);                                               // [P, 4 side, 4 side, C/8]
        up = (highResolution is { Quarter: var quarter } ? up.AddRepeated(quarter) : up).Gelu();
        Tensor[] filters = new Tensor[MaskTokens];
        for (int i = 0; i < MaskTokens; i++)
            filters[i] = Filter(tokens, i);
        Tensor hyper = LayoutOps.Concatenate(filters);
        Tensor logits = MatrixOps.MatMulTransposed(hyper, up.Reshape(prompts, -1, channels / 8));
        return new DecodedMasks(logits, iou, tokens);
    }

    /// <summary>
    /// The transformer's tokens: that of the IoU, those of the masks, and those of the prompts [P, n, C].
    /// </summary>
    public Tensor AllTokens(Tensor sparse)
    {
        int channels = sparse.Channels;
        Tensor output = LayoutOps.Concatenate(
            _iouToken.Value.Reshape(1, 1, channels), _maskTokens.Value.Reshape(1, MaskTokens, channels));
        return LayoutOps.Concatenate(output.RepeatItems(sparse.Shape[0]), sparse);
    }

    /// <summary>Predicted IoU of all masks, [P, masks], from the transformer's output tokens.</summary>
    public Tensor PredictedIou(Tensor tokens)
        => _iouHead.Forward(tokens.Slice(0, 1)).Reshape(tokens.Shape[0], MaskTokens);

    /// <summary>
    /// The filter of a mask over the upscaled image, [P, 1, C/8], from the transformer's output tokens.
    /// </summary>
    public Tensor Filter(Tensor tokens, int mask) => _hypernetworks[mask].Forward(tokens.Slice(1 + mask, 1));
}
