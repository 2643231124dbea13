using PocketSam.Tensors;

namespace PocketSam.Models;

/// <summary>
/// An image encoder that passes pictures to a backend one by one; it has no neck of its own to observe.
/// </summary>
internal sealed class BackendImageEncoder(IEncoderBackend backend, SamConfig config) : ImageEncoder
{
    public override Tensor Forward(
        EncoderInput input, CancellationToken cancellation = default, IProgress<double>? progress = null,
        Action<Tensor>? beforeNeck = null)
    {
        int side = input.Size / SamConfig.EmbeddingStride, channels = config.FeatureChannels;
        Tensor features = Tape.New([input.Count, side, side, channels]);
        float[] found = new float[side * side * channels];
        int picture = (int)(input.Pixels.Count / input.Count);
        for (int i = 0; i < input.Count; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            float[] pixels = Planes.Of(input.Pixels.Span.Slice(i * picture, picture), input.Pixels.Channels);
            Tensor? patches = input.Patches?[i];
            backend.Encode(
                patches is null ? new BackendPicture(pixels, input.Size) : new BackendPicture(pixels, input.Size)
                {
                    Patches = Planes.Of(patches.Span, patches.Channels), PatchRows = patches.Shape[1], PatchColumns = patches.Shape[2],
                },
                found, cancellation);
            Planes.ToRows(found, features.Span.Slice(i * found.Length, found.Length), channels);
            progress?.Report((i + 1.0) / input.Count);
        }

        return features;
    }
}
