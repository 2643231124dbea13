using PocketSam.Models;
using PocketSam.Tensors;

namespace PocketSam.Tests.Models;

/// <summary>A training step gives the same bits whatever the number of threads.</summary>
[Collection(ThreadCounts.Name)]
[Trait("Category", "Simd")]
public sealed class ModelThreadsTests
{
    [Fact]
    public void Outputs_and_all_gradients_of_a_model() => ThreadCounts.AssertSameBits(TrainingStep, "training step");

    [Fact]
    public void Outputs_in_evaluation() => ThreadCounts.AssertSameBits(
        () =>
        {
            SamModel model = MadeUpWeights.Create(ModelZoo.Nano);
            using Tape tape = Tape.Inference();
            (Tensor logits, Tensor iou) = Run(model);
            return [.. logits.Span, .. iou.Span];
        },
        "evaluation");

    [Fact]
    public void Masks_of_the_rearranged_decoder()
    {
        const int Prompts = 3, Side = 40; // rows for several parts
        SamModel model = MadeUpWeights.Create(ModelZoo.Pocket);
        BatchedMaskDecoder decoder = model.BatchedDecoder;
        Tensor embedding = Samples.Tensor(1, 1, Side, Side, 128), masks = Samples.Tensor(2, Prompts, 4 * Side, 4 * Side, 1);
        PromptToken[] tokens = BatchedMaskDecoderTests.Tokens(Prompts, 3, 16 * Side);
        foreach (Tensor? previous in new[] { null, masks })
        {
            ThreadCounts.AssertSameBits(
                () =>
                {
                    using Tape tape = Tape.Inference();
                    DecodedPrompts decoded = decoder.Decode(decoder.Prepare(embedding), tokens, Prompts, previous);
                    Tensor logits = decoder.Upscale(decoded, BatchedMaskDecoderTests.Every(Prompts, 4));
                    return [.. logits.Span, .. decoded.Iou.Span];
                },
                "decoding");
        }
    }

    private static unsafe float[] TrainingStep()
    {
        SamModel model = MadeUpWeights.Create(ModelZoo.Nano);
        model.State.SetTraining(true);
        using Tape tape = Tape.Record();
        (Tensor logits, Tensor iou) = Run(model);

        // The loss is a weighted sum: its gradient is the weights.
        foreach (Tensor result in new[] { logits, iou })
        {
            Tape.GradientToAddTo(result);
            Samples.Uniform((int)result.Count, 3).CopyTo(result.GradientSpan);
        }

        float[] outputs = [.. logits.Span, .. iou.Span];
        tape.Backward();
        return
        [
            .. outputs,
            .. model.State.Entries.SelectMany(e => e.Weight.Value.GradientSpan.ToArray()),
            .. model.State.Entries.Where(e => !e.Trainable).SelectMany(e => e.Weight.Value.Span.ToArray()),
        ];
    }

    private static DecodedMasks Run(SamModel model)
    {
        PromptToken[] tokens =
        [
            new(10.5f, 20.5f, PointLabel.Foreground), PromptToken.Padding,
            new(2.5f, 4.5f, PointLabel.BoxTopLeft), new(100.5f, 60.5f, PointLabel.BoxBottomRight),
            new(70.5f, 90.5f, PointLabel.Background), PromptToken.Padding,
        ];
        Tensor embeddings = model.ImageEncoder.Forward(Samples.Tensor(1, 2, 128, 128, 3));
        return model.Decode(embeddings.GatherRows(
            [.. Enumerable.Range(0, 64)], unique: true, 1, 8, 8, 32), tokens, 3, null);
    }
}
