using PocketSam.Models;
using PocketSam.Tensors;
using PocketSam.Training.Data.Effects;
using PocketSam.Training.Distillation;
using PocketSam.Training.Optimization;

namespace PocketSam.Training.Tests.Distillation;

public sealed class FurtherPromptsTests
{
    private const int Side = 8, Cells = Side * Side, Masks = 4;

    /// <summary>The right third is padding.</summary>
    private static readonly MaskRegion Region = new(5, Side, Side);

    [Fact]
    public void Clicks_go_to_marked_cells_that_were_missed()
    {
        // Marked are rows 2 to 5, padding too; the mask of highest predicted IoU, 2, has rows 0 to 3.
        float[] truth = [.. Enumerable.Range(0, Cells).Select(i => i / Side is >= 2 and <= 5 ? 1f : 0f)];
        using Tape tape = Tape.Inference();
        DecodedMasks found = Answer([0.9f, 0.1f, 0.8f, 0.3f], (m, i) => m == 2 ? i / Side <= 3 : true);
        var places = new HashSet<PromptToken>();
        for (ulong seed = 0; seed < 200; seed++)
        {
            List<PromptToken> click = [new(1, 1, PointLabel.Foreground), PromptToken.Padding];
            PictureDistillation.MoveClicks([click], found, [truth], Region, new RandomStream(seed));
            Assert.Equal(PromptToken.Padding, click[1]);
            places.Add(click[0]);
        }

        Assert.Equal(2 * Region.Width, places.Count);
        Assert.All(places, p =>
        {
            Assert.Equal(PointLabel.Foreground, p.Label);
            Assert.InRange((int)(p.Y / SamConfig.MaskStride), 4, 5);
            Assert.InRange((int)(p.X / SamConfig.MaskStride), 0, Region.Width - 1);
            Assert.Equal((2f, 2f), (p.X % SamConfig.MaskStride, p.Y % SamConfig.MaskStride));
        });
    }

    [Fact]
    public void Click_stays_where_nothing_is_missed()
    {
        float[] truth = [.. Enumerable.Range(0, Cells).Select(i => i % Side >= Region.Width ? 1f : 0.5f)];
        using Tape tape = Tape.Inference();
        List<PromptToken> click = [new(1, 1, PointLabel.Foreground), PromptToken.Padding];
        PictureDistillation.MoveClicks([click], Answer([0, 0, 0, 1], (_, _) => false), [truth], Region, new RandomStream(1));
        Assert.Equal([new PromptToken(1, 1, PointLabel.Foreground), PromptToken.Padding], click);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Points_of_disagreement_have_the_teachers_sign(bool isClick)
    {
        // The student has the upper half, the teacher the left two columns: of a box mask 0, of a click its best, 3.
        int judged = isClick ? 3 : 0;
        using Tape tape = Tape.Inference();
        DecodedMasks student = Answer([0, 0.9f, 0, 0.1f], (m, i) => m == judged && i / Side < 4);
        var teacher = new TeacherMasks(Logits((m, i) => m == judged && i % Side < 2), [0, 0.1f, 0.2f, 0.9f], []);
        var signs = new HashSet<PointLabel>();
        for (ulong seed = 0; seed < 100; seed++)
        {
            PromptToken point = PictureDistillation.Disagreement(
                student, teacher, new float[Cells], 0, isClick, Region, new RandomStream(seed));
            (int x, int y) = ((int)point.X / SamConfig.MaskStride, (int)point.Y / SamConfig.MaskStride);
            Assert.InRange(x, 0, Region.Width - 1);
            Assert.NotEqual(y < 4, x < 2);
            Assert.Equal(x < 2 ? PointLabel.Foreground : PointLabel.Background, point.Label);
            signs.Add(point.Label);
        }

        Assert.Equal(2, signs.Count);
    }

    [Theory]
    [InlineData(9, false)]
    [InlineData(10, true)]
    public void Few_cells_are_not_worth_a_point(int cells, bool isWorth)
    {
        int[] differing = [.. Enumerable.Range(0, Cells).Where(i => i % Side < Region.Width).Take(cells)];
        using Tape tape = Tape.Inference();
        DecodedMasks student = Answer([0, 0, 0, 0], (_, _) => false);
        float[] truth = [.. Enumerable.Range(0, Cells).Select(i => differing.Contains(i) || i % Side >= Region.Width ? 1f : 0f)];
        PromptToken point = PictureDistillation.Disagreement(
            student, teacher: null, truth, 0, isClick: false, Region, new RandomStream(3));
        Assert.Equal(isWorth ? PointLabel.Foreground : PointLabel.None, point.Label);
        if (!isWorth)
            Assert.Equal(PromptToken.Padding, point);
    }

    [Fact]
    public void Rounds_of_hard_prompts_are_drawn_for_each_step()
    {
        DistillationOptions hard = new() { Sampling = PromptSampling.Hard, Rounds = 9 };
        int[] counts = new int[10];
        for (ulong seed = 0; seed < 1000; seed++)
            counts[hard.RoundsOf(RandomStream.Scramble(seed))]++;
        Assert.All(counts, count => Assert.InRange(count, 60, 140));
        Assert.Equal(2, new DistillationOptions { Sampling = PromptSampling.Disagreement, Rounds = 2 }.RoundsOf(5));
        Assert.Equal(0, new DistillationOptions().RoundsOf(5));
    }

    private static DecodedMasks Answer(float[] ious, Func<int, int, bool> isSet)
    {
        Tensor logits = Tape.New([1, Masks, Cells]), iou = Tape.New([1, Masks]);
        Logits(isSet).CopyTo(logits.Span);
        ious.CopyTo(iou.Span);
        return new DecodedMasks(logits, iou, iou);
    }

    private static float[] Logits(Func<int, int, bool> isSet)
        => [.. Enumerable.Range(0, Masks * Cells).Select(i => isSet(i / Cells, i % Cells) ? 1f : -1f)];
}
