using PocketSam.Layers;
using PocketSam.Models;
using PocketSam.Training.Data;
using PocketSam.Training.Evaluation;

namespace PocketSam.Training.FineTuning;

/// <summary>
/// Fits which of the three masks for a click is shown first. Each of these masks has its own meaning, such as the whole
/// or a part, and the annotated objects show which one is wanted. An offset to the predicted IoU of the second and the
/// third mask is fitted, with a penalty against overfitting to a few dozen objects, and added to the last bias of the
/// IoU head.
/// </summary>
internal static class MaskChoiceFit
{
    /// <summary>
    /// Temperature of the softmax over predicted IoU in the fit, and weight of the squared offsets. Fitted on 30 photos
    /// of animals drawn at random from 150, these values gave the best IoU on the other photos (docs/journal.md).
    /// </summary>
    private const double Temperature = 0.2, Penalty = 1.5;

    /// <summary>Number of offsets that are tried on either side of 0.</summary>
    private const int Steps = 10;
    private const float StepSize = 0.02f;

    /// <summary>Largest number of objects of a picture.</summary>
    private const int MostObjects = 20;

    /// <summary>
    /// Fits the choice from one click per object, at its pixel farthest from the edge. For a model that has not been
    /// fitted before.
    /// </summary>
    /// <param name="model">The model; the last bias of its IoU head is changed.</param>
    /// <param name="pictures">The training pictures; each is used as it is and mirrored.</param>
    /// <param name="until">Whether to stop before the picture of a number, counted from 0.</param>
    public static void Run(SamModel model, TrainingPicture[] pictures, Func<int, bool> until)
    {
        if (model.Config.NumMultimaskOutputs != 3)
            return;
        Sam sam = Sam.Over(model);
        var mirror = new Augmentation(AugmentationOptions.None with { FlipProbability = 1 });
        var seen = new List<(float[] Predicted, double[] Iou)>();
        for (int number = 0; number < 2 * pictures.Length && !until(number); number++)
        {
            TrainingPicture picture = pictures[number % pictures.Length];
            if (number >= pictures.Length)
                picture = mirror.Apply(picture, Math.Max(picture.Image.Width, picture.Image.Height), seed: 1);
            BinaryMask[] masks = [.. picture.Masks.Where(mask => mask.Area > 0).Take(MostObjects)];
            if (masks.Length == 0)
                continue;
            using ImageEmbedding photo = sam.Encode(picture.Image);
            IReadOnlyList<Prediction> answers = sam.Predict(
                photo, [.. masks.Select(mask => ClickSimulator.First(mask)!.Value).Select(click => Prompt.Point(click.X, click.Y))], multimask: true);
            seen.AddRange(answers.Zip(masks, (answer, truth) => (
                answer.Masks.Select(mask => mask.PredictedIou).ToArray(), answer.Masks.Select(mask => mask.Bits.Iou(truth)).ToArray())));
        }

        (float second, float third) = Fit(seen);
        StateEntry bias = model.State.Entries.Single(
            entry => entry.Key == $"mask_decoder.iou_prediction_head.layers.{model.Config.IouHeadDepth - 1}.bias");
        bias.Weight.Span[2] += second;
        bias.Weight.Span[3] += third;
        bias.Weight.Changed();
    }

    /// <summary>The offsets to the predicted IoU of the second and the third mask.</summary>
    internal static (float Second, float Third) Fit(IReadOnlyList<(float[] Predicted, double[] Iou)> seen)
    {
        (double Value, float Second, float Third) best = (double.NegativeInfinity, 0, 0);
        for (int i = -Steps; i <= Steps; i++)
        {
            for (int j = -Steps; j <= Steps; j++)
            {
                float second = i * StepSize, third = j * StepSize;
                double value = seen.Sum(one => Expected(one.Predicted, one.Iou, second, third)) / Math.Max(1, seen.Count)
                    - Penalty * (second * second + third * third);
                if (value > best.Value)
                    best = (value, second, third);
            }
        }

        return (best.Second, best.Third);
    }

    /// <summary>
    /// The expected IoU if masks are chosen with probabilities softmax((predicted IoU + offset) / temperature).
    /// </summary>
    private static double Expected(float[] predicted, double[] iou, float second, float third)
    {
        double first = Math.Exp(predicted[0] / Temperature), next = Math.Exp((predicted[1] + second) / Temperature);
        double last = Math.Exp((predicted[2] + third) / Temperature);
        return (first * iou[0] + next * iou[1] + last * iou[2]) / (first + next + last);
    }
}
