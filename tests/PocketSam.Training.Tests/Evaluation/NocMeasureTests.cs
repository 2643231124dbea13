using PocketSam.Training.Evaluation;

namespace PocketSam.Training.Tests.Evaluation;

public sealed class NocMeasureTests : IDisposable
{
    private const int ImageSize = 256;

    private static readonly Sam Model = Sam.Load(Sam.DefaultName);

    private readonly MeasuredSet _set = new();

    public void Dispose() => _set.Dispose();

    /// <summary>The same in pixels, object by object; in noise there is little for clicks to follow.</summary>
    [Fact]
    public void Clicks_follow_the_box_and_strokes_follow_clicks_that_do_not_help()
    {
        const int actions = 20;
        double[] targets = [0.85, 0.90], clicking = new double[2], painting = new double[2], painted = new double[2];
        foreach (CocoImage image in CocoDataset.Load(_set.Path).Images)
        {
            using ImageEmbedding photo = Model.Encode(MeasuredSet.Reader(image.Path), ImageSize, TestContext.Current.CancellationToken);
            foreach (BinaryMask truth in image.Annotations.Select(annotation => annotation.Decode()))
            {
                int[] byClicks = [0, 0], byBrush = [0, 0];
                Prompt prompt = Prompt.Box(truth.Bounds);
                Mask mask = Ask(photo, prompt);
                double iou = mask.Bits.Iou(truth);
                BinaryMask? canvas = null;
                Reach(byClicks, iou, 1);
                Reach(byBrush, iou, 1);
                for (int action = 2; action <= actions; action++)
                {
                    if (canvas is not null && byBrush[1] == 0)
                    {
                        Stroke(canvas, truth);
                        Reach(byBrush, canvas.Iou(truth), action);
                    }

                    if (byClicks[1] > 0 || ClickSimulator.Next(mask.Bits, truth) is not { } click)
                        continue;
                    prompt = prompt.WithPoint(click.X, click.Y, click.IsForeground).WithMask(mask.Logits);
                    (Mask previous, double before) = (mask, iou);
                    mask = Ask(photo, prompt);
                    iou = mask.Bits.Iou(truth);
                    Reach(byClicks, iou, action);
                    if (canvas is null)
                    {
                        Reach(byBrush, iou, action);
                        if (iou < before + NocMeasure.LeastGain)
                            canvas = (iou > before ? mask : previous).Bits.Clone();
                    }
                }

                for (int t = 0; t < 2; t++)
                {
                    clicking[t] += (byClicks[t] == 0 ? actions : byClicks[t]) / 3.0;
                    painting[t] += (byBrush[t] == 0 ? actions : byBrush[t]) / 3.0;
                    painted[t] += byBrush[t] == 0 ? 1 / 3.0 : 0;
                }
            }
        }

        MeasureReport report = Run(MeasuredSet.Reader, actions);

        Assert.Equal(("noc-20", 2), (report.Measure, report.Images));
        Assert.Equal(
            ["IoU 0.85, box and clicks", "IoU 0.90, box and clicks", "IoU 0.85, brush too", "IoU 0.90, brush too"],
            report.Tables[0].Rows.Select(row => row.Name));
        for (int t = 0; t < 2; t++)
        {
            Assert.Equal(clicking[t], report.Tables[0].Rows[t].Values[0]!.Value, 9);
            Assert.Equal(painting[t], report.Tables[0].Rows[2 + t].Values[0]!.Value, 9);
            Assert.Equal(painted[t], report.Tables[0].Rows[2 + t].Values[1]!.Value, 9);
        }

        Assert.InRange(painting[0], 2, clicking[0] - 0.1);
        Assert.Contains(painted, share => share < 1);
        Assert.Equal(1 - report.Tables[0].Rows[2].Values[1]!.Value, report.Tables[1].Rows[1].Values[^1]!.Value, 9);

        void Reach(int[] reached, double value, int action)
        {
            for (int t = 0; t < targets.Length; t++)
            {
                if (reached[t] == 0 && value >= targets[t])
                    reached[t] = action;
            }
        }
    }

    [Fact]
    public void What_the_box_finds_takes_one_action()
    {
        PictureReader reader = path =>
        {
            RgbImage picture = new(MeasuredSet.Width, MeasuredSet.Height);
            foreach (BinaryMask mask in CocoDataset.Load(_set.Path).Images.Single(image => image.Path == path).Annotations.Select(one => one.Decode()))
            {
                for (int y = 0; y < mask.Height; y++)
                {
                    for (int x = 0; x < mask.Width; x++)
                    {
                        if (mask[x, y])
                            picture.Pixels.AsSpan(3 * (y * mask.Width + x), 3).Fill(200);
                    }
                }
            }

            return picture;
        };
        MeasureReport report = Run(reader, 2, imageSize: null);
        Assert.Equal(["1", "2"], report.Tables[1].Columns);
        Assert.All(report.Tables[0].Rows, row => Assert.Equal([1.0, 0.0], row.Values));
        Assert.All(report.Tables[1].Rows, row => Assert.Equal([1.0, 1.0], row.Values));
    }

    private static Mask Ask(ImageEmbedding photo, Prompt prompt)
        => Model.Predict(photo, prompt, multimask: false, TestContext.Current.CancellationToken).Best;

    /// <summary>What is wrong in the way that reaches deepest, within a circle about its middle, is set right.</summary>
    private static void Stroke(BinaryMask canvas, BinaryMask truth)
    {
        Click middle = ClickSimulator.Next(canvas, truth)!.Value;
        for (int y = 0; y < truth.Height; y++)
        {
            for (int x = 0; x < truth.Width; x++)
            {
                double distance = Math.Pow(x - middle.X, 2) + Math.Pow(y - middle.Y, 2);
                if (distance <= truth.Area / 16.0 && truth[x, y] == middle.IsForeground)
                    canvas[x, y] = truth[x, y];
            }
        }
    }

    private MeasureReport Run(PictureReader reader, int actions, int? imageSize = ImageSize) => NocMeasure.Of(
        Model, reader, CocoDataset.Load(_set.Path), new MeasureOptions { Clicks = actions, ImageSize = imageSize })
        .Run(null, TestContext.Current.CancellationToken);
}
