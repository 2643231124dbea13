using PocketSam.Models;
using PocketSam.Segmentation;

namespace PocketSam.Tests.Segmentation;

public sealed class ZoomTests
{
    private const int Width = 300, Height = 200, Size = 128;

    private static readonly Sam Nano = Sam.Over(SamModel.Create(ModelZoo.Nano, seed: 1));

    private static readonly ImageGeometry Whole = ImageGeometry.For(Width, Height, Size);

    [Theory]
    [InlineData(100, 80, 130, 90, 85, 55, 60, 60)]    // in the middle of a square twice as large
    [InlineData(0, 0, 40, 20, 0, 0, 80, 80)]          // moved into the picture
    [InlineData(290, 190, 300, 200, 268, 168, 32, 32)] // no smaller than the least window
    [InlineData(50, 20, 110, 140, 0, 0, 240, 200)]    // as high as the picture and wider than high
    public void The_window_is_a_square_around_the_object(
        int left, int top, int right, int bottom, int x, int y, int width, int height)
    {
        var found = new PixelBox(left, top, right - left, bottom - top);
        Assert.Equal(new PixelBox(x, y, width, height), ZoomWindow.Around(Prompt.Box(found), default, Whole)!.Box);
        Assert.Equal(new PixelBox(x, y, width, height), ZoomWindow.Around(Prompt.Point(left, top), found, Whole)!.Box);
    }

    [Fact]
    public void The_window_holds_all_of_the_prompt()
    {
        var mask = new BinaryMask(Width, Height);
        mask.Fill(new PixelBox(100, 100, 30, 20));
        Prompt prompt = Prompt.Point(99, 90).WithPoint(140.5, 121, isForeground: false).WithMask(mask);
        ZoomWindow window = ZoomWindow.Around(prompt, default, Whole)!;
        Assert.Equal(new PixelBox(78, 64, 84, 84), window.Box);

        var logits = new MaskLogits(Whole.MaskSide, [.. Enumerable.Repeat(-3f, Whole.MaskSide * Whole.MaskSide)]);
        var found = new Mask(mask, 1, 1, logits);
        Prompt inside = window.ToWindow(prompt.WithBox(90, 80, 140, 125), found);
        Assert.Equal([new PromptPoint(21, 26, true), new PromptPoint(62.5, 57, false)], inside.Points);
        Assert.Equal(new PixelBox(22, 36, 30, 20), inside.InitialMask!.Bounds);
        Assert.Equal(new PromptBox(12, 16, 62, 61), inside.BoundingBox);
        Assert.Equal(new PromptBox(-78, 0, 922, 26), window.ToWindow(Prompt.Box(0, 64, 1000, 90), found).BoundingBox);

        // With points alone, the mask that was found is refined.
        inside = window.ToWindow(Prompt.Point(99, 90), found);
        Assert.Single(inside.Points);
        Assert.All(inside.PreviousLogits!.Values.ToArray(), value => Assert.Equal(-3, value, 1e-5f));
        Assert.NotNull(window.ToWindow(prompt, found).InitialMask);
        var given = new MaskLogits(Whole.MaskSide, [.. logits.Values.ToArray().Select(_ => 2f)]);
        Assert.All(window.ToWindow(Prompt.Point(99, 90).WithMask(given), found).PreviousLogits!.Values.ToArray(), value => Assert.Equal(2, value, 1e-5f));
    }

    [Fact]
    public void A_large_object_and_one_that_is_nowhere_get_no_closer_look()
    {
        Assert.Null(ZoomWindow.Around(Prompt.Box(10, 10, 131, 60), default, Whole));
        Assert.NotNull(ZoomWindow.Around(Prompt.Box(10, 10, 130, 60), default, Whole));
        Assert.Null(ZoomWindow.Around(Prompt.Mask(new MaskLogits(Whole.MaskSide, new float[Whole.MaskSide * Whole.MaskSide])), default, Whole));
        Assert.Null(ZoomWindow.Around(Prompt.Point(3, 3), default, ImageGeometry.For(32, 20, Size)));
    }

    [Theory]
    [InlineData(32, 60, 0.4, 11.3)]
    [InlineData(40, 32, 2.7, -9)]
    [InlineData(16, 16, 1, 0)]
    public void Resampling_along_an_axis_is_a_triangle_filter(int count, int source, double scale, double offset)
    {
        var random = new Random(count);
        var logits = new MaskLogits(64, [.. Enumerable.Range(0, 64 * 64).Select(_ => random.NextSingle() - 0.5f)]);
        LogitAxis columns = new(count, source, scale, offset), rows = new(8, 64, 1, 0);
        for (int x = 0; x < count; x++)
        {
            double centre = offset + (x + 0.5) * scale;
            Assert.Equal(centre >= 0 && centre < source, columns.IsInside(x));
            double place = Math.Clamp(centre - 0.5, 0, source - 1), sum = 0, all = 0;
            for (int j = 0; j < source; j++)
            {
                double weight = Math.Max(0, 1 - Math.Abs(j - place) / Math.Max(1, scale));
                (sum, all) = (sum + weight * logits.Values[5 * 64 + j], all + weight);
            }

            Assert.Equal(sum / all, LogitAxis.Sample(logits, columns, x, rows, 5), 1e-6);
        }
    }

    [Fact]
    public void The_mask_is_where_the_mean_of_both_looks_is_above_zero()
    {
        // A plane of logits in the whole picture, zero at x = 120, and one in the window, zero at x = 132.
        ZoomWindow window = ZoomWindow.Around(Prompt.Box(100, 60, 150, 100), default, Whole)!;
        var part = ImageGeometry.For(window.Box.Width, window.Box.Height, Size);
        Mask first = Half(Whole, 0, 120, 0.4f), second = Half(part, window.Box.X, 132, 0.8f);

        Mask combined = Assert.Single(window.Combine([InWindow(first)], [second], new MaskUpsampler(part)));

        Assert.Equal(new PixelBox(window.Box.X, window.Box.Y, 126 - window.Box.X, window.Box.Height), combined.Box);
        Assert.Equal(0.6f, combined.PredictedIou, 1e-6f);
        MaskLogits logits = combined.Logits;
        Assert.Equal(Whole.MaskSide, logits.Side);
        for (int x = 0; x < Width; x += 3)
        {
            int cell = x * Whole.ResizedWidth / Width / SamConfig.MaskStride, row = 80 * Whole.ResizedHeight / Height / SamConfig.MaskStride;
            double centre = (cell + 0.5) * SamConfig.MaskStride * Width / Whole.ResizedWidth;
            // A cell at the window's edge has no values beyond it.
            double zero = centre >= window.Box.X && centre < window.Box.Right ? 126 : 120, perCell = (double)SamConfig.MaskStride * Width / Whole.ResizedWidth;
            if (Math.Abs(centre - window.Box.X) > perCell && Math.Abs(centre - window.Box.Right) > perCell)
                Assert.Equal(zero - centre, logits.Values[row * logits.Side + cell], 0.01);
        }

        // A mask that reaches out of the window stays as it is.
        Assert.Same(first, Assert.Single(window.Combine([first], [second], new MaskUpsampler(part))));

        static Mask Half(ImageGeometry geometry, int start, double zero, float iou)
        {
            int side = geometry.MaskSide;
            float[] values = [.. Enumerable.Range(0, side * side).Select(i =>
                (float)(zero - start - (i % side + 0.5) * SamConfig.MaskStride * geometry.Width / geometry.ResizedWidth))];
            var bits = new BinaryMask(geometry.Width, geometry.Height);
            bits.Fill(new PixelBox(0, 0, (int)zero - start, geometry.Height));
            return new Mask(bits, iou, 1, new MaskLogits(side, values));
        }

        Mask InWindow(Mask mask)
        {
            var bits = new BinaryMask(Width, Height);
            bits.Fill(new PixelBox(110, 70, 10, 10));
            return new Mask(bits, mask.PredictedIou, 1, mask.Logits);
        }
    }

    [Fact]
    public void Both_looks_are_those_of_the_model()
    {
        RgbImage picture = Picture(Width, Height);
        using ImageEmbedding photo = Sam.Default.Encode(picture, 256);
        Prompt[] prompts = [Prompt.Box(100, 60, 150, 100), Prompt.Box(0, 0, Width, Height), Prompt.Box(200, 150, 220, 160).WithPoint(205, 155), Prompt.Point(110, 70)];
        var shares = new List<double>();
        IReadOnlyList<Prediction> found = Sam.Default.PredictZoomed(picture, photo, prompts, progress: new Shares(shares));

        Assert.Equal([0.25, 0.5, 0.75, 1], shares);
        for (int i = 0; i < prompts.Length; i++)
        {
            Prediction first = Sam.Default.Predict(photo, prompts[i]);
            Mask[] expected = [.. first.Masks];
            if (ZoomWindow.Around(prompts[i], first.Best.Box, photo.Geometry) is { } window)
            {
                using ImageEmbedding part = Sam.Default.Encode(picture.Crop(window.Box), 256);
                Mask[] again = [.. first.Masks.Select(mask => Sam.Default.Predict(part, window.ToWindow(prompts[i], mask), multimask: false).Best)];
                expected = window.Combine(first.Masks, again, part.Upsampler);
            }

            AssertSame(expected, found[i].Masks);
            AssertSame(expected, Sam.Default.PredictZoomed(picture, photo, prompts[i]).Masks);
        }
    }

    [Fact]
    public async Task A_closer_look_refines_on()
    {
        RgbImage picture = Picture(Width, Height);
        using ImageEmbedding photo = Nano.Encode(picture);
        Prompt prompt = Prompt.Box(100, 60, 130, 80);
        Prediction first = Nano.PredictZoomed(picture, photo, prompt);
        Prompt next = prompt.WithPoint(104, 64).WithMask(first.Best.Logits);
        AssertSame(Nano.PredictZoomed(picture, photo, next).Masks, (await Nano.PredictZoomedAsync(picture, photo, [next]))[0].Masks);
        Assert.Equal(3, Nano.PredictZoomed(picture, photo, Prompt.Point(104, 64)).Masks.Count);
    }

    [Fact]
    public async Task Bad_input_is_refused_and_work_is_cancelled()
    {
        RgbImage picture = Picture(Width, Height);
        using ImageEmbedding photo = Nano.Encode(picture);
        Prompt prompt = Prompt.Box(100, 60, 130, 80);
        var e = Assert.Throws<ArgumentException>(() => Nano.PredictZoomed(Picture(Height, Width), photo, prompt));
        Assert.StartsWith("the picture is 200x300, and the embedding of one of 300x200", e.Message, StringComparison.Ordinal);
        Assert.Throws<PromptException>(() => Nano.PredictZoomed(picture, photo, Prompt.Point(Width, 0)));
        Assert.Throws<ArgumentException>(() => Sam.Default.PredictZoomed(picture, photo, prompt));
        var cancelled = new CancellationToken(canceled: true);
        Assert.ThrowsAny<OperationCanceledException>(() => Nano.PredictZoomed(picture, photo, prompt, cancellation: cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Nano.PredictZoomedAsync(picture, photo, [prompt], cancellation: cancelled));
    }

    private static RgbImage Picture(int width, int height)
    {
        var picture = new RgbImage(width, height);
        new Random(3).NextBytes(picture.Pixels);
        return picture;
    }

    private static void AssertSame(IReadOnlyList<Mask> expected, IReadOnlyList<Mask> actual)
    {
        Assert.Equal(expected.Count, actual.Count);
        foreach ((Mask a, Mask b) in expected.Zip(actual))
        {
            Assert.Equal((a.PredictedIou, a.StabilityScore), (b.PredictedIou, b.StabilityScore));
            Assert.True(a.Logits.Values.SequenceEqual(b.Logits.Values));
            Assert.True(a.Bits.ContentEquals(b.Bits));
        }
    }

    private sealed class Shares(List<double> shares) : IProgress<double>
    {
        public void Report(double value) => shares.Add(value);
    }
}
