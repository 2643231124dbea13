using PocketSam.Layers;
using PocketSam.Models;
using PocketSam.Training.Data;
using PocketSam.Training.Evaluation;

namespace PocketSam.Training.FineTuning;

/// <summary>
/// Which of a click's masks is shown first: a mask has a meaning of its own, such as the whole or a part, and the pictures say which is
/// meant. What is added to the predicted IoU of each is fitted, with a penalty, so that a few dozen objects do not decide too much, and
/// becomes part of the head's last bias.
/// </summary>
internal static class MaskChoiceFit
{
    /// <summary>
    /// How soft the choice is while it is fitted, and the weight of the squares: of 30 photos of animals drawn at random from 150, these
    /// gave the most on the others (docs/journal.md).
    /// </summary>
    private const double Softness = 0.2, Penalty = 1.5;

    /// <summary>Offsets that are tried: so many steps to either side.</summary>
    private const int Steps = 10;
    private const float StepSize = 0.02f;

    /// <summary>Most objects of a picture.</summary>
    private const int MostObjects = 20;

    /// <summary>Fits the choice of a model whose head has not been fitted, from one click into the middle of each object.</summary>
    /// <param name="model">The model; its bias is changed.</param>
    /// <param name="pictures">What is clicked on; each is looked at as it is and mirrored.</param>
    /// <param name="until">Whether the time for it is over; asked before each picture but the first ones.</param>
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

    /// <summary>What is added to the predicted IoU of the second and the third mask.</summary>
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

    /// <summary>The IoU that is expected where the chance of each mask grows with its predicted IoU.</summary>
    private static double Expected(float[] predicted, double[] iou, float second, float third)
    {
        double first = Math.Exp(predicted[0] / Softness), next = Math.Exp((predicted[1] + second) / Softness);
        double last = Math.Exp((predicted[2] + third) / Softness);
        return (first * iou[0] + next * iou[1] + last * iou[2]) / (first + next + last);
    }
}
