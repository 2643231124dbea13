namespace PocketSam.Tests.Checkpoints;

public sealed class TransformersKeysTests
{
    private static readonly (string Theirs, string Ours)[] Keys =
    [
        ("vision_encoder.pos_embed", "image_encoder.pos_embed"),
        ("vision_encoder.patch_embed.projection.weight", "image_encoder.patch_embed.proj.weight"),
        ("vision_encoder.layers.0.layer_norm1.weight", "image_encoder.blocks.0.norm1.weight"),
        ("vision_encoder.layers.11.layer_norm2.bias", "image_encoder.blocks.11.norm2.bias"),
        ("vision_encoder.layers.2.attn.qkv.weight", "image_encoder.blocks.2.attn.qkv.weight"),
        ("vision_encoder.layers.2.attn.rel_pos_h", "image_encoder.blocks.2.attn.rel_pos_h"),
        ("vision_encoder.layers.2.mlp.lin1.weight", "image_encoder.blocks.2.mlp.lin1.weight"),
        ("vision_encoder.neck.conv1.weight", "image_encoder.neck.0.weight"),
        ("vision_encoder.neck.layer_norm1.bias", "image_encoder.neck.1.bias"),
        ("vision_encoder.neck.conv2.weight", "image_encoder.neck.2.weight"),
        ("vision_encoder.neck.layer_norm2.weight", "image_encoder.neck.3.weight"),
        ("prompt_encoder.shared_embedding.positional_embedding", "prompt_encoder.pe_layer.positional_encoding_gaussian_matrix"),
        ("prompt_encoder.point_embed.3.weight", "prompt_encoder.point_embeddings.3.weight"),
        ("prompt_encoder.not_a_point_embed.weight", "prompt_encoder.not_a_point_embed.weight"),
        ("prompt_encoder.no_mask_embed.weight", "prompt_encoder.no_mask_embed.weight"),
        ("prompt_encoder.mask_embed.conv1.weight", "prompt_encoder.mask_downscaling.0.weight"),
        ("prompt_encoder.mask_embed.layer_norm1.weight", "prompt_encoder.mask_downscaling.1.weight"),
        ("prompt_encoder.mask_embed.conv2.bias", "prompt_encoder.mask_downscaling.3.bias"),
        ("prompt_encoder.mask_embed.layer_norm2.bias", "prompt_encoder.mask_downscaling.4.bias"),
        ("prompt_encoder.mask_embed.conv3.bias", "prompt_encoder.mask_downscaling.6.bias"),
        ("mask_decoder.iou_token.weight", "mask_decoder.iou_token.weight"),
        ("mask_decoder.transformer.layers.1.self_attn.q_proj.weight", "mask_decoder.transformer.layers.1.self_attn.q_proj.weight"),
        ("mask_decoder.transformer.layers.1.layer_norm4.bias", "mask_decoder.transformer.layers.1.norm4.bias"),
        ("mask_decoder.transformer.layers.0.layer_norm1.bias", "mask_decoder.transformer.layers.0.norm1.bias"),
        ("mask_decoder.transformer.layer_norm_final_attn.weight", "mask_decoder.transformer.norm_final_attn.weight"),
        ("mask_decoder.upscale_conv1.weight", "mask_decoder.output_upscaling.0.weight"),
        ("mask_decoder.upscale_layer_norm.bias", "mask_decoder.output_upscaling.1.bias"),
        ("mask_decoder.upscale_conv2.bias", "mask_decoder.output_upscaling.3.bias"),
        ("mask_decoder.output_hypernetworks_mlps.2.proj_in.weight", "mask_decoder.output_hypernetworks_mlps.2.layers.0.weight"),
        ("mask_decoder.output_hypernetworks_mlps.2.layers.0.weight", "mask_decoder.output_hypernetworks_mlps.2.layers.1.weight"),
        ("mask_decoder.output_hypernetworks_mlps.2.proj_out.bias", "mask_decoder.output_hypernetworks_mlps.2.layers.2.bias"),
        ("mask_decoder.iou_prediction_head.proj_in.bias", "mask_decoder.iou_prediction_head.layers.0.bias"),
        ("mask_decoder.iou_prediction_head.layers.0.bias", "mask_decoder.iou_prediction_head.layers.1.bias"),
        ("mask_decoder.iou_prediction_head.proj_out.weight", "mask_decoder.iou_prediction_head.layers.2.weight"),
    ];

    [Fact]
    public void Keys_of_transformers_are_read_as_those_of_SAM()
    {
        using var folder = new TemporaryFolder();
        StoredTensor one = StoredTensor.FromFloats([1f], [1]);
        Safetensors.Write(
            folder["a.safetensors"],
            [.. Keys.Select(key => KeyValuePair.Create(key.Theirs, one)), new("shared_image_embedding.positional_embedding", one)]);

        using Checkpoint checkpoint = CheckpointFile.Read(folder["a.safetensors"]);

        Assert.Equal("transformers (SamModel)", checkpoint.KeysOf);
        Assert.Equal(Keys.Select(key => key.Ours).Order(), checkpoint.Tensors.Keys.Order());
    }

    [Fact]
    public void Other_keys_stay()
    {
        using var folder = new TemporaryFolder();
        StoredTensor one = StoredTensor.FromFloats([1f], [1]);
        Safetensors.Write(folder["a.safetensors"], [new("vision_encoder.layers.0.w", one), new("text.layer_norm1.w", one)]);

        using Checkpoint checkpoint = CheckpointFile.Read(folder["a.safetensors"]);

        Assert.Null(checkpoint.KeysOf);
        Assert.Equal(["vision_encoder.layers.0.w", "text.layer_norm1.w"], checkpoint.Tensors.Keys);
    }
}
