using PocketSam.Masks;
using PocketSam.Segmentation.Everything;
using PocketSam.Tests.Kernels;
using PocketSam.Tests.Models;

namespace PocketSam.Tests.Segmentation.Everything;

/// <summary>The generator against its definition, written plainly over single prompts and whole masks.</summary>
[Trait("Category", "Simd")]
public sealed class MaskGeneratorTests
{
    private const int PointsPerSide = 8;

    private static readonly Sam Model = Sam.Over(MadeUpWeights.Create(ModelZoo.Nano));

    public static TheoryData<int, int, int, int> Pictures => new()
    {
        // width, height, crop layers, factor between layers
        { 90, 60, 0, 1 },
        { 33, 128, 0, 1 }, // whole multiples of the grid
        { 64, 64, 1, 2 },
        { 150, 97, 2, 2 },
        { 5, 3, 0, 1 }, // fewer pixels than points
        { 1, 1, 1, 1 },
    };

    [Theory]
    [MemberData(nameof(Pictures))]
    public void Dense_masks_are_those_of_the_definition(int width, int height, int layers, int factor)
        => AssertEqual(Options() with { Mode = MaskGeneratorMode.Dense, CropLayers = layers, CropPointsDownscaleFactor = factor }, width, height);

    [Theory]
    [MemberData(nameof(Pictures))]
    public void Hierarchical_masks_are_those_of_the_definition(int width, int height, int layers, int factor)
    {
        foreach (float high in new[] { -1e6f, 0.05f, 0.3f, 1e6f })
        {
            MaskGeneratorOptions options = Options() with
            {
                HighScoreThresh = high, CropLayers = layers, CropPointsDownscaleFactor = factor,
            };
            AssertEqual(options, width, height);
            AssertEqual(options with { HighScoreVotes = 2 }, width, height);
        }
    }

    [Fact]
    public void Small_regions_are_cleaned_and_duplicates_of_that_dropped()
    {
        RgbImage image = Picture(90, 60);
        MaskGeneratorOptions options = Options() with { Mode = MaskGeneratorMode.Dense };
        IReadOnlyList<GeneratedMask> plain = new MaskGenerator(Model, options).Generate(image);
        IReadOnlyList<GeneratedMask> clean = new MaskGenerator(Model, options with { MinMaskRegionArea = 30 }).Generate(image);
        Assert.NotEmpty(clean);
        Assert.True(clean.Count <= plain.Count);
        Assert.All(clean, mask =>
        {
            BinaryMask bits = mask.Segmentation.ToMask();
            Assert.Equal(bits.Area, mask.Area);
            Assert.Equal(bits.Bounds, mask.Box);
            Assert.True(SmallRegions.Remove(mask.Segmentation, 30) is null || mask.Area < 30);
        });
    }

    [Fact]
    public void A_small_budget_changes_nothing()
    {
        RgbImage image = Picture(90, 60);
        string[] wide = Texts(new MaskGenerator(Model, Options()).Generate(image));
        string[] narrow = Texts(new MaskGenerator(Model, Options() with { MemoryBudget = 16 << 20 }).Generate(image));
        Assert.NotEmpty(wide);
        Assert.Equal(wide, narrow);

        // Logits of a quarter of a megabyte each: most are not kept, and are decoded again.
        MaskGeneratorOptions dense = Options() with { Mode = MaskGeneratorMode.Dense, BoxNmsThresh = 1 };
        wide = Texts(new MaskGenerator(Model, dense).Generate(image, 1024));
        narrow = Texts(new MaskGenerator(Model, dense with { MemoryBudget = 16 << 20 }).Generate(image, 1024));
        Assert.True(wide.Length > 32, $"{wide.Length} masks");
        Assert.Equal(wide, narrow);
    }

    [Fact]
    public void Progress_grows_to_one_and_cancellation_stops()
    {
        var steps = new Steps();
        var generator = new MaskGenerator(Model, Options() with { CropLayers = 1 });
        generator.Generate(Picture(90, 60), progress: steps);
        Assert.Equal(1, steps.Seen[^1].Fraction, 6);
        Assert.Equal(5, steps.Seen[^1].Crops);
        Assert.True(steps.Seen.Zip(steps.Seen.Skip(1)).All(pair => pair.First.Fraction <= pair.Second.Fraction));

        using var source = new CancellationTokenSource();
        var cancelling = new Steps { Then = source.Cancel };
        Assert.ThrowsAny<OperationCanceledException>(
            () => generator.Generate(Picture(90, 60), progress: cancelling, cancellation: source.Token));
        Assert.Single(cancelling.Seen);
    }

    [Fact]
    public async Task Masks_come_one_by_one_too()
    {
        RgbImage image = Picture(90, 60);
        var generator = new MaskGenerator(Model, Options());
        List<GeneratedMask> masks = [];
        await foreach (GeneratedMask mask in generator.GenerateAsync(image))
            masks.Add(mask);
        Assert.Equal(Texts(generator.Generate(image)), Texts(masks));
    }

    [Fact]
    public async Task Masks_of_a_crop_come_before_the_last_crop_is_done_and_who_stops_looking_ends_the_work()
    {
        using var one = new ManualResetEventSlim();
        var steps = new Steps();
        steps.Then = () =>
        {
            if (steps.Seen[^1].Crop == 5)
                Assert.True(one.Wait(TimeSpan.FromMinutes(1)), "no mask came before the last crop was done");
        };
        // No edge of these crops is far enough from one of the picture to cut a mask.
        MaskGeneratorOptions all = Options() with { CropLayers = 1, PredIouThresh = 0, StabilityScoreThresh = 0 };
        IAsyncEnumerator<GeneratedMask> masks = new MaskGenerator(Model, all).GenerateAsync(Picture(50, 40), progress: steps)
            .GetAsyncEnumerator(TestContext.Current.CancellationToken);
        Assert.True(await masks.MoveNextAsync());

        // The work is told to end before it may go on.
        ValueTask ended = masks.DisposeAsync();
        one.Set();
        await ended;
        Assert.True(steps.Seen[^1].Fraction < 1);
    }

    [Fact]
    public async Task What_fails_beside_the_caller_is_thrown_to_it()
    {
        IAsyncEnumerable<GeneratedMask> masks = new MaskGenerator(Model, Options()).GenerateAsync(Picture(90, 60), imageSize: 63);
        await Assert.ThrowsAsync<ArgumentException>(async () => await masks.FirstOrDefaultAsync());
    }

    [Fact]
    public void An_embedding_that_is_there_gives_the_same_masks()
    {
        RgbImage picture = Picture(150, 97);
        var generator = new MaskGenerator(Model, Options() with { CropLayers = 1 });
        using ImageEmbedding embedding = Model.Encode(picture, imageSize: 64);
        Assert.Equal(
            generator.Generate(picture, imageSize: 64).Select(mask => mask.Segmentation.ToCompressed()),
            generator.Generate(picture, embedding).Select(mask => mask.Segmentation.ToCompressed()));
        Assert.Throws<ArgumentException>(() => generator.Generate(Picture(97, 150), embedding));
    }

    [Fact]
    public void Nothing_good_enough_is_an_empty_list()
        => Assert.Empty(new MaskGenerator(Model, Options() with { PredIouThresh = 1 }).Generate(new RgbImage(40, 30)));

    [Fact]
    public void Options_out_of_range_are_refused_by_name()
    {
        AssertRefused(new() { PointsPerSide = 0 }, "PointsPerSide is 0: must lie in 1 ... 256");
        AssertRefused(new() { PredIouThresh = 1.5f }, "PredIouThresh is 1.5: must lie in 0 ... 1");
        AssertRefused(new() { StabilityScoreThresh = float.NaN }, "StabilityScoreThresh is NaN: must lie in 0 ... 1");
        AssertRefused(new() { BoxNmsThresh = -0.1f }, "BoxNmsThresh is -0.1: must lie in 0 ... 1");
        AssertRefused(new() { StabilityScoreOffset = 0 }, "StabilityScoreOffset is 0: must be above 0");
        AssertRefused(new() { HighScoreThresh = float.PositiveInfinity }, "HighScoreThresh is ");
        AssertRefused(new() { HighScoreVotes = 0 }, "HighScoreVotes is 0: must lie in 1 ... 64");
        AssertRefused(new() { CropLayers = 5 }, "CropLayers is 5: must lie in 0 ... 4");
        AssertRefused(new() { CropPointsDownscaleFactor = 0 }, "CropPointsDownscaleFactor is 0: must be at least 1");
        AssertRefused(new() { MinMaskRegionShare = 1.5 }, "MinMaskRegionShare is 1.5: must lie in 0 ... 1");
        AssertRefused(new() { MinMaskRegionArea = -1 }, "MinMaskRegionArea is -1: must not be negative");
        AssertRefused(new() { MemoryBudget = 1 }, "MemoryBudget is 1: must be at least 16777216 bytes");
        AssertRefused(new() { Mode = (MaskGeneratorMode)7 }, "Mode is 7: no such mode");

        static void AssertRefused(MaskGeneratorOptions options, string message)
            => Assert.StartsWith(message, Assert.Throws<ArgumentException>(() => new MaskGenerator(Model, options)).Message);
    }

    [Theory]
    [InlineData(MaskGeneratorMode.Dense, 0)]
    [InlineData(MaskGeneratorMode.Hierarchical, 1)]
    public void What_became_of_the_candidates_is_told(MaskGeneratorMode mode, int layers)
    {
        MaskGeneratorOptions options = Options() with { Mode = mode, CropLayers = layers };
        var nothing = new MaskGenerator(Model, options with { PredIouThresh = 1 });
        MaskGeneratorTally tally = Find(nothing);
        Assert.Equal((tally.Candidates, 0), (tally.LowPredictedIou, tally.Kept));
        Assert.Equal(
            $"of {tally.Candidates} candidates {tally.Candidates} are below predicted IoU 1, 0 below stability 0.05, 0 are empty, 0 cut by a crop",
            tally.Describe(nothing.Options));

        tally = Find(new MaskGenerator(Model, options with { StabilityScoreThresh = 1 }));
        Assert.True(tally.Unstable > 0 && tally.LowPredictedIou == 0, $"{tally}");

        tally = Find(new MaskGenerator(Model, options));
        Assert.True(tally.Kept > 0 && (tally.Cut > 0) == (layers > 0), $"{tally}");
        if (mode == MaskGeneratorMode.Dense)
            Assert.Equal(3 * PointsPerSide * PointsPerSide, tally.Candidates);

        static MaskGeneratorTally Find(MaskGenerator generator)
        {
            var last = new Last();
            IReadOnlyList<GeneratedMask> masks = generator.Generate(Picture(150, 97), progress: last);
            Assert.True(masks.Count <= last.Tally.Kept);
            return last.Tally;
        }
    }

    [Fact]
    public void Thresholds_that_are_not_set_are_the_models()
    {
        MaskThresholds own = new() { PredIou = 0.3f, StabilityScore = 0.4f, HighScore = 2, HighScoreVotes = 3 };
        Sam model = Sam.Over(MadeUpWeights.Create(ModelZoo.Nano with { MaskThresholds = own }));

        MaskGeneratorOptions unset = new MaskGenerator(model, new() { PointsPerSide = 16 }).Options;
        MaskGeneratorOptions set = new MaskGenerator(model, new() { PredIouThresh = 0.88f, HighScoreVotes = 1 }).Options;

        Assert.Equal(MaskGeneratorOptions.For(model.Config) with { PointsPerSide = 16 }, unset);
        Assert.Equal((0.3f, 0.4f, 2f, 3), (unset.PredIouThresh, unset.StabilityScoreThresh, unset.HighScoreThresh, unset.HighScoreVotes));
        Assert.Equal((0.88f, 0.4f, 2f, 1), (set.PredIouThresh, set.StabilityScoreThresh, set.HighScoreThresh, set.HighScoreVotes));
    }

    [Fact]
    public void The_default_model_finds_something_with_another_grid()
    {
        var image = new RgbImage(128, 128);
        for (int y = 40; y < 90; y++)
            image.Pixels.AsSpan(3 * (y * 128 + 40), 150).Fill(230);
        Assert.NotEmpty(new MaskGenerator(Sam.Default, new() { PointsPerSide = 8 }).Generate(image));
    }

    private sealed class Last : IProgress<MaskGeneratorProgress>
    {
        public MaskGeneratorTally Tally { get; private set; }

        public void Report(MaskGeneratorProgress value) => Tally = value.Tally;
    }

    /// <summary>A made-up model is sure of nothing: all masks of its three outputs are kept unless they are unstable.</summary>
    private static MaskGeneratorOptions Options() => new()
    {
        PointsPerSide = PointsPerSide, PredIouThresh = 0, StabilityScoreThresh = 0.05f, StabilityScoreOffset = 0.2f,
    };

    private static void AssertEqual(MaskGeneratorOptions options, int width, int height)
    {
        RgbImage image = Picture(width, height);
        string[] expected = Texts(Define(image, options));
        if (width > 1)
            Assert.NotEmpty(expected);
        Assert.Equal(expected, Texts(new MaskGenerator(Model, options).Generate(image)));
    }

    private static RgbImage Picture(int width, int height)
    {
        var image = new RgbImage(width, height);
        new Random(width * height).NextBytes(image.Pixels);
        return image;
    }

    private static string[] Texts(IEnumerable<GeneratedMask> masks) =>
    [
        .. masks.Select(m =>
            $"{m.Box} {m.Area} {m.PredictedIou} {m.StabilityScore} {m.PointCoords.Single()} {m.CropBox} {m.Segmentation.ToCompressed()}"),
    ];

    private static List<GeneratedMask> Define(RgbImage image, MaskGeneratorOptions o)
    {
        List<GeneratedMask> all = [];
        var crops = CropLayers.Of(image.Width, image.Height, o.CropLayers, o.CropOverlapRatio);
        foreach ((PixelBox crop, int layer) in crops)
        {
            using ImageEmbedding photo = Model.Encode(image.Crop(crop));
            int side = Math.Max(1, (int)(o.PointsPerSide / Math.Pow(o.CropPointsDownscaleFactor, layer)));
            var fine = Grid(side);
            List<GeneratedMask> found = [];
            if (o.Mode == MaskGeneratorMode.Hierarchical)
            {
                var voters = fine.Select(_ => new HashSet<PromptPoint>()).ToArray();
                Ask(Grid(Math.Max(1, side / 4)), (logits, mask) =>
                {
                    for (int i = 0; i < fine.Count; i++)
                    {
                        int x = Math.Min((int)fine[i].X, crop.Width - 1), y = Math.Min((int)fine[i].Y, crop.Height - 1);
                        if (logits[y * crop.Width + x] > o.HighScoreThresh)
                            voters[i].Add(mask.PointCoords[0]);
                    }
                });
                fine = [.. fine.Where((_, i) => voters[i].Count < o.HighScoreVotes)];
            }

            Ask(fine, (_, _) => { });
            all.AddRange(Nms(found, m => m.PredictedIou, o.BoxNmsThresh));

            List<(double X, double Y)> Grid(int n) =>
            [
                .. from y in Enumerable.Range(0, n)
                   from x in Enumerable.Range(0, n)
                   select ((x + 0.5) / n * crop.Width, (y + 0.5) / n * crop.Height),
            ];

            void Ask(List<(double X, double Y)> points, Action<double[], GeneratedMask> kept)
            {
                foreach ((double x, double y) in points)
                {
                    foreach (Mask mask in Model.Predict(photo, Prompt.Point(x, y), multimask: true).Masks)
                    {
                        double[] logits = Full(mask.Logits, photo.Geometry);
                        int sure = logits.Count(v => v > o.StabilityScoreOffset), possible = logits.Count(v => v > -o.StabilityScoreOffset);
                        float stability = possible == 0 ? 0 : (float)((double)sure / possible);
                        if ((o.PredIouThresh > 0 && !(mask.PredictedIou > o.PredIouThresh)) || stability < o.StabilityScoreThresh || mask.Area == 0)
                            continue;
                        PixelBox box = mask.Box with { X = mask.Box.X + crop.X, Y = mask.Box.Y + crop.Y };
                        if (Cut(box.X, crop.X, 0) || Cut(box.Y, crop.Y, 0)
                            || Cut(box.Right - 1, crop.Right, image.Width) || Cut(box.Bottom - 1, crop.Bottom, image.Height))
                        {
                            continue;
                        }

                        var whole = new BinaryMask(image.Width, image.Height);
                        for (int py = 0; py < crop.Height; py++)
                        {
                            for (int px = 0; px < crop.Width; px++)
                                whole[crop.X + px, crop.Y + py] = mask.Bits[px, py];
                        }

                        var record = new GeneratedMask
                        {
                            Segmentation = Rle.Encode(whole), Area = mask.Area, Box = box, PredictedIou = mask.PredictedIou,
                            StabilityScore = stability, CropBox = crop,
                            PointCoords = [new PromptPoint(crop.X + x, crop.Y + y, true)],
                        };
                        found.Add(record);
                        kept(logits, record);
                    }
                }
            }
        }

        return crops.Count > 1 ? Nms(all, m => 1f / m.CropBox.Width / m.CropBox.Height, o.CropNmsThresh) : all;

        static bool Cut(int edge, int crop, int picture) => Math.Abs(edge - crop) <= 20 && Math.Abs(edge - picture) > 20;
    }

    private static double[] Full(MaskLogits low, ImageGeometry g)
    {
        double[] input = UpsampleKernelTests.Interpolate(
            Array.ConvertAll(low.Values.ToArray(), v => (double)v), low.Side, low.Side, low.Side, low.Side, g.InputSize, g.InputSize);
        return UpsampleKernelTests.Interpolate(
            input, g.InputSize, g.InputSize, g.ResizedWidth, g.ResizedHeight, g.Width, g.Height);
    }

    private static List<GeneratedMask> Nms(List<GeneratedMask> masks, Func<GeneratedMask, float> score, float threshold)
    {
        List<GeneratedMask> left = [.. masks.OrderByDescending(score)], kept = [];
        while (left.Count > 0)
        {
            GeneratedMask best = left[0];
            kept.Add(best);
            left = [.. left.Skip(1).Where(m => Iou(best.Box, m.Box) <= threshold)];
        }

        return kept;

        static float Iou(PixelBox a, PixelBox b)
        {
            float both = Math.Max(0f, Math.Min(a.Right, b.Right) - Math.Max(a.X, b.X) - 1)
                * Math.Max(0f, Math.Min(a.Bottom, b.Bottom) - Math.Max(a.Y, b.Y) - 1);
            float all = (a.Width - 1f) * (a.Height - 1f) + (b.Width - 1f) * (b.Height - 1f) - both;
            return both > 0 ? both / all : 0;
        }
    }

    private sealed class Steps : IProgress<MaskGeneratorProgress>
    {
        public List<MaskGeneratorProgress> Seen { get; } = [];

        public Action? Then { get; set; }

        public void Report(MaskGeneratorProgress value)
        {
            Seen.Add(value);
            Then?.Invoke();
        }
    }
}
