using PocketSam.Tensors;

namespace PocketSam.Models;

/// <summary>
/// A prompt decoder that passes prompts to a backend, which returns all masks; unwanted ones are not copied.
/// </summary>
internal sealed class BackendMaskDecoder(IDecoderBackend backend, SamConfig config) : PromptDecoder
{
    /// <summary>Half a pixel in pixels of the input, which a token includes and a backend adds itself.</summary>
    private const float HalfPixel = 0.5f;

    private int Masks => config.NumMultimaskOutputs + 1;

    public override bool IsCurrent(PreparedImage image) => image.Decoder == this;

    public override int PromptsAtOnce(int side, int promptTokens) => backend.MaxObjects;

    public override PreparedImage Prepare(Tensor features) => new Picture
    {
        Features = features, Planes = Planes.Of(features.Span, features.Channels), Decoder = this, Version = 0,
    };

    public override DecodedPrompts Decode(PreparedImage image, ReadOnlySpan<PromptToken> tokens, int count, Tensor? masks)
    {
        int size = SamConfig.EmbeddingStride / SamConfig.MaskStride * image.Side;
        float[] coordinates = new float[2 * tokens.Length], labels = new float[tokens.Length];
        for (int i = 0; i < tokens.Length; i++)
        {
            labels[i] = (float)tokens[i].Label;
            if (tokens[i].Label != PointLabel.None)
                (coordinates[2 * i], coordinates[2 * i + 1]) = (tokens[i].X - HalfPixel, tokens[i].Y - HalfPixel);
        }

        float[] iou = new float[count * Masks], logits = new float[iou.Length * size * size];
        var prompts = new BackendPrompts(((Picture)image).Planes, image.Side, count, tokens.Length / count)
        {
            Coordinates = coordinates, Labels = labels, Masks = masks?.Span.ToArray() ?? [],
        };
        backend.Decode(prompts, iou, logits, CancellationToken.None);
        Tensor scores = Tape.New([count, Masks]);
        iou.CopyTo(scores.Span);
        return new Answer(scores, image, logits);
    }

    public override Tensor Upscale(DecodedPrompts decoded, ReadOnlySpan<MaskChoice> choices)
    {
        int size = SamConfig.EmbeddingStride / SamConfig.MaskStride * decoded.Side, area = size * size;
        Tensor chosen = Tape.New([choices.Length, size, size]);
        for (int i = 0; i < choices.Length; i++)
        {
            ((Answer)decoded).Logits.AsSpan((choices[i].Prompt * Masks + choices[i].Mask) * area, area)
                .CopyTo(chosen.Span[(i * area)..]);
        }

        return chosen;
    }

    private sealed class Picture : PreparedImage
    {
        public required float[] Planes { get; init; }

        public override void Return()
        {
        }
    }

    private sealed record Answer(Tensor Iou, PreparedImage Image, float[] Logits) : DecodedPrompts(Iou, Image);
}
