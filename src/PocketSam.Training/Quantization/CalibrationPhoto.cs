using PocketSam.Models;
using PocketSam.Segmentation;
using PocketSam.Tensors;
using PocketSam.Training.Data.Effects;
using PocketSam.Training.Evaluation;

namespace PocketSam.Training.Quantization;

/// <summary>Runs a floating-point model on photos for calibration.</summary>
internal static unsafe class CalibrationPhoto
{
    /// <summary>Number of objects of a photo that are prompted, each by box and by click.</summary>
    private const int ObjectsOfPhoto = 4;

    /// <summary>Least number of pixels of an object.</summary>
    private const int MinArea = 256;

    /// <summary>Predicted IoUs are clamped to this distance from 0 and 1.</summary>
    private const float Certainty = 0.02f;

    /// <summary>Chooses distinct photos with annotated objects.</summary>
    /// <exception cref="DataFormatException">There are fewer such photos.</exception>
    public static CocoImage[] Choose(CocoDataset photos, int count, RandomStream random)
    {
        CocoImage[] usable = [.. photos.Images.Where(image => image.DecodeMasks(MinArea).Any())];
        if (usable.Length < count)
        {
            throw new DataFormatException(
                photos.Path, $"{usable.Length} photos with objects of at least {MinArea} pixels, where {count} are wanted to calibrate on");
        }

        for (int i = 0; i < count; i++)
        {
            int other = random.Between(i, usable.Length - 1);
            (usable[i], usable[other]) = (usable[other], usable[i]);
        }

        return usable[..count];
    }

    /// <summary>
    /// Runs a photo forward and backward. The loss is KL(masks) + KL(predicted IoU) against the model itself (TinySAM,
    /// section 3.3). Its gradient is zero at that point, so its curvature is estimated by the Fisher information: for
    /// outputs drawn from the model's own predictions, each pixel independently, the negative log-likelihood has the
    /// gradient sigmoid(z) - y.
    /// </summary>
    public static void Run(SamModel model, CocoImage image, PictureReader reader, Calibration calibration, RandomStream random)
    {
        RgbImage picture = reader(image.Path);
        ImageGeometry geometry = ImageGeometry.For(
            picture.Width, picture.Height, model.Config.ImageSize, model.Config.Encoder.SideMultiple);
        PromptToken[] tokens = [.. Objects(image, random).SelectMany(mask => TokensOf(mask, geometry))];
        using Tape tape = Tape.Record(listener: calibration);
        EncoderInput input = ImagePreparation.ToInput(picture, geometry, model.Config.Encoder);
        input.Pixels.Buffer.WantsGradient = true;
        foreach (Tensor patches in input.Patches ?? [])
            patches.Buffer.WantsGradient = true;
        DecodedMasks found = model.Decode(model.ImageEncoder.Forward(input), tokens, tokens.Length / 2, null);
        DrawMasks(found.Logits, geometry, random);
        DrawIous(found.Iou, random);
        tape.Backward();
        calibration.EndPicture();
    }

    private static IEnumerable<BinaryMask> Objects(CocoImage image, RandomStream random)
    {
        BinaryMask[] masks = [.. image.DecodeMasks(MinArea)];
        for (int i = 0; i < Math.Min(ObjectsOfPhoto, masks.Length); i++)
        {
            int other = random.Between(i, masks.Length - 1);
            (masks[i], masks[other]) = (masks[other], masks[i]);
            yield return masks[i];
        }
    }

    /// <summary>The tokens of a prompt by box and of one by click, two each.</summary>
    private static IEnumerable<PromptToken> TokensOf(BinaryMask mask, ImageGeometry geometry)
    {
        PixelBox box = mask.Bounds;
        yield return geometry.ToToken(box.X, box.Y, PointLabel.BoxTopLeft);
        yield return geometry.ToToken(box.Right, box.Bottom, PointLabel.BoxBottomRight);
        Click click = ClickSimulator.First(mask)!.Value;
        yield return geometry.ToToken(click.X, click.Y, PointLabel.Foreground);
        yield return PromptToken.Padding;
    }

    private static void DrawMasks(Tensor logits, ImageGeometry geometry, RandomStream random)
    {
        int side = geometry.MaskSide, width = Cells(geometry.ResizedWidth), height = Cells(geometry.ResizedHeight);
        var gradient = new Span<float>(Tape.GradientOf(logits, out _), (int)logits.Count);
        gradient.Clear();
        for (int row = 0; row < logits.Count / side; row++)
        {
            if (row % side >= height)
                continue;
            for (int i = row * side; i < row * side + width; i++)
            {
                float chance = 1 / (1 + MathF.Exp(-logits.Data[i]));
                gradient[i] = chance - (random.NextFloat() < chance ? 1 : 0);
            }
        }

        static int Cells(int pixels) => (pixels + SamConfig.MaskStride - 1) / SamConfig.MaskStride;
    }

    private static void DrawIous(Tensor ious, RandomStream random)
    {
        var gradient = new Span<float>(Tape.GradientOf(ious, out _), (int)ious.Count);
        for (int i = 0; i < gradient.Length; i++)
        {
            float chance = Math.Clamp(ious.Data[i], Certainty, 1 - Certainty);
            gradient[i] = (chance - (random.NextFloat() < chance ? 1 : 0)) / (chance * (1 - chance));
        }
    }
}
