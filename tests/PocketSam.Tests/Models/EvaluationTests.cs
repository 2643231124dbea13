using PocketSam.Models;
using PocketSam.Tensors;

namespace PocketSam.Tests.Models;

/// <summary>What evaluation computes depends on the picture and the prompt alone.</summary>
[Trait("Category", "Simd")]
public sealed class EvaluationTests
{
    [Fact]
    public void An_embedding_does_not_depend_on_the_other_pictures_of_the_batch()
    {
        const int Size = 64, Pictures = 3;
        SamModel model = MadeUpWeights.Create(ModelZoo.Nano);
        Tensor batch = Samples.Tensor(1, Pictures, Size, Size, 3);
        using Tape tape = Tape.Inference();
        float[] together = model.ImageEncoder.Forward(batch).Span.ToArray();
        for (int i = 0; i < Pictures; i++)
        {
            int pixels = Size * Size * 3, values = together.Length / Pictures;
            Tensor one = Tensor.From(batch.Span.Slice(i * pixels, pixels), 1, Size, Size, 3);
            Assert.Equal(together.AsSpan(i * values, values).ToArray(), model.ImageEncoder.Forward(one).Span.ToArray());
        }
    }

    [Fact]
    public void Masks_do_not_depend_on_the_other_prompts()
    {
        SamModel model = MadeUpWeights.Create(ModelZoo.Nano);
        Tensor embedding = Samples.Tensor(1, 1, 4, 4, 32);
        PromptToken[] tokens =
        [
            new(10.5f, 20.5f, PointLabel.Foreground), PromptToken.Padding,
            new(50.5f, 3.5f, PointLabel.Background), new(30.5f, 40.5f, PointLabel.Foreground),
            new(2.5f, 4.5f, PointLabel.BoxTopLeft), new(40.5f, 60.5f, PointLabel.BoxBottomRight),
        ];
        using Tape tape = Tape.Inference();
        (Tensor logits, Tensor iou) = model.Decode(embedding, tokens, 3, null);
        Assert.Equal([3, 4, 256], logits.Shape);
        Assert.Equal([3, 4], iou.Shape);
        for (int i = 0; i < 3; i++)
        {
            (Tensor one, Tensor oneIou) = model.Decode(embedding, tokens.AsSpan(2 * i, 2), 1, null);
            Assert.Equal(logits.Span.Slice(i * 1024, 1024).ToArray(), one.Span.ToArray());
            Assert.Equal(iou.Span.Slice(i * 4, 4).ToArray(), oneIou.Span.ToArray());
        }
    }

    [Fact]
    public void Switching_training_on_and_off_changes_nothing()
    {
        SamModel model = MadeUpWeights.Create(ModelZoo.Nano);
        float[] before = Evaluate(model);
        for (int i = 0; i < 3; i++)
        {
            model.State.SetTraining(true);
            model.State.SetTraining(false);
            Assert.Equal(before, Evaluate(model));
        }
    }

    [Fact]
    public void A_training_step_changes_only_running_statistics()
    {
        SamModel model = MadeUpWeights.Create(ModelZoo.Nano);
        float[] before = Evaluate(model);
        Dictionary<string, float[]> weights = Values(model);
        model.State.SetTraining(true);
        using (Tape.Record())
            model.ImageEncoder.Forward(Samples.Tensor(5, 2, 64, 64, 3));
        model.State.SetTraining(false);
        foreach ((string key, float[] values) in Values(model))
        {
            if (key.Contains(".running_", StringComparison.Ordinal))
                Assert.NotEqual(weights[key], values);
            else
                Assert.Equal(weights[key], values);
        }

        Assert.NotEqual(before, Evaluate(model));
    }

    [Fact]
    public void Several_threads_can_share_a_model()
    {
        SamModel model = MadeUpWeights.Create(ModelZoo.Nano);
        float[] expected = Evaluate(MadeUpWeights.Create(ModelZoo.Nano));
        float[]?[] results = new float[]?[4];
        Thread[] threads =
            [.. Enumerable.Range(0, results.Length).Select(i => new Thread(() => results[i] = Evaluate(model)))];
        foreach (Thread thread in threads)
            thread.Start();
        foreach (Thread thread in threads)
            thread.Join();
        Assert.All(results, r => Assert.Equal(expected, r));
    }

    private static Dictionary<string, float[]> Values(SamModel model)
        => model.State.Entries.ToDictionary(e => e.Key, e => e.Weight.Value.Span.ToArray());

    private static float[] Evaluate(SamModel model)
    {
        using Tape tape = Tape.Inference();
        Tensor embedding = model.ImageEncoder.Forward(Samples.Tensor(1, 1, 64, 64, 3));
        (Tensor logits, Tensor iou) = model.Decode(
            embedding, [new(10.5f, 20.5f, PointLabel.Foreground), PromptToken.Padding], 1,
            Samples.Tensor(2, 1, 16, 16, 1));
        return [.. embedding.Span, .. logits.Span, .. iou.Span];
    }
}
