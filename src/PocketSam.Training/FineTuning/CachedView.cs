using PocketSam.Models;
using PocketSam.Segmentation;
using PocketSam.Tensors;
using PocketSam.Training.Data;

namespace PocketSam.Training.FineTuning;

/// <summary>An augmented look at a picture, with what the encoder found in it.</summary>
/// <param name="Picture">At the size of the model's input.</param>
/// <param name="Features">Of the encoder, <c>[side, side, channels]</c>.</param>
internal sealed record CachedView(TrainingPicture Picture, Half[] Features)
{
    public static CachedView Of(SamModel model, TrainingPicture picture, int size)
    {
        using Tape tape = Tape.Inference();
        ReadOnlySpan<float> found = model.ImageEncoder.Forward(ImagePreparation.Normalize([picture.Image], size, model.Config.Encoder)).Span;
        var features = new Half[found.Length];
        System.Numerics.Tensors.TensorPrimitives.ConvertToHalf(found, features);
        return new CachedView(picture, features);
    }
}
