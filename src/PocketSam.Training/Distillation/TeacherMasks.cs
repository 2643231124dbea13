using PocketSam.Models;
using PocketSam.Tensors;

namespace PocketSam.Training.Distillation;

/// <summary>A teacher's predictions for a batch of prompts, resampled to the student's grid.</summary>
/// <param name="Logits">Logits of the masks, [P, masks, cells].</param>
/// <param name="Iou">Predicted IoU, [P, masks].</param>
/// <param name="Tokens">Output tokens of the IoU and the masks, [P, 1 + masks, C].</param>
internal sealed record TeacherMasks(float[] Logits, float[] Iou, float[] Tokens)
{
    /// <summary>Runs the teacher's mask decoder.</summary>
    /// <param name="teacher">The teacher.</param>
    /// <param name="embedding">The teacher's embedding of the picture, [side, side, C].</param>
    /// <param name="tokens">Tokens of the prompts in coordinates of its input, the same number for each prompt.</param>
    /// <param name="prompts">Number of prompts.</param>
    /// <param name="side">Height and width of the student's masks, in cells.</param>
    public static TeacherMasks Predict(
        SamModel teacher, float[] embedding, ReadOnlySpan<PromptToken> tokens, int prompts, int side)
    {
        using Tape tape = Tape.Inference();
        int channels = teacher.Config.FeatureChannels, from = (int)Math.Sqrt(embedding.Length / channels);
        Tensor image = Tape.New([1, from, from, channels]);
        embedding.CopyTo(image.Span);
        DecodedMasks found = teacher.Decode(image, tokens, prompts, null);
        int masks = found.Iou.Shape[1], all = found.Logits.Shape[2], cells = side * side;
        var resampler = new MapResampler((int)Math.Sqrt(all), side);
        float[] logits = new float[prompts * masks * cells];
        for (int i = 0; i < prompts * masks; i++)
            resampler.Run(found.Logits.Span.Slice(i * all, all), logits.AsSpan(i * cells, cells), channels: 1);
        int row = found.Tokens.Shape[1] * found.Tokens.Channels, kept = (1 + masks) * found.Tokens.Channels;
        float[] output = new float[prompts * kept];
        for (int p = 0; p < prompts; p++)
            found.Tokens.Span.Slice(p * row, kept).CopyTo(output.AsSpan(p * kept));
        return new TeacherMasks(logits, found.Iou.Span.ToArray(), output);
    }
}
