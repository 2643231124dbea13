using PocketSam.Layers;
using PocketSam.Models;
using PocketSam.Training.Data;
using PocketSam.Training.Evaluation;
using PocketSam.Training.FineTuning;

namespace PocketSam.Training.Tests.FineTuning;

/// <summary>A small model and made-up pictures: one bright disc on a dark ground in each.</summary>
public sealed class FineTunerTests
{
    private const int Side = 96;

    private static readonly FineTuningOptions Options = new() { Time = TimeSpan.FromMinutes(5) };

    [Fact]
    public void A_model_that_knows_nothing_is_better_afterwards_on_pictures_that_it_did_not_see()
    {
        var told = new List<FineTuningProgress>();
        FineTuningResult result = new FineTuner(Nano(), Draw, Options)
        {
            Recipe = new TuningRecipe { LeastSteps = 60, LearningRate = 3e-3f, Distance = 1, BatchSize = 8, Trainings = 1 },
        }.Run(Discs(16), new Telling(told));
        Assert.True(result.IsBetter, $"{result.Before} {result.After}");
        Assert.True(result.After.Box > result.Before.Box + 0.1, $"{result.Before} {result.After}");
        Assert.Equal(16, result.Learned + result.Pictures.Count);
        Assert.True(result.Pictures.Count >= 4);
        Assert.Equal(result.Objects, result.Pictures.Sum(picture => picture.Masks.Count));
        Assert.Equal(1, told[^1].Share);
        Assert.Equal(told.Select(one => one.Share).Order(), told.Select(one => one.Share));

        string path = Path.Combine(Path.GetTempPath(), $"pocketsam-tuned-{Guid.NewGuid():N}.safetensors");
        try
        {
            result.Save(path, new Dictionary<string, string> { ["note"] = "tuned" });
            Assert.Equal(result.Model.Fingerprint, Sam.Load(path).Fingerprint);
            using Checkpoint kept = CheckpointFile.Read(path);
            Assert.Equal("tuned", kept.Metadata["note"]);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void The_same_seed_gives_the_same_model_and_the_one_it_comes_from_stays()
    {
        Sam nano = Nano();
        string before = nano.Fingerprint + nano.DecoderFingerprint;
        FineTuningResult[] twice =
        [
            .. Enumerable.Range(0, 2).Select(_ => new FineTuner(nano, Draw, Options) { Recipe = new TuningRecipe { LeastSteps = 3, Epochs = 1, Trainings = 2 } }.Run(Discs(8))),
        ];
        Assert.Equal(twice[0].Model.Fingerprint, twice[1].Model.Fingerprint);
        Assert.Equal(twice[0].After, twice[1].After);
        Assert.Equal(before, Nano().Fingerprint + Nano().DecoderFingerprint);
    }

    [Fact]
    public void A_vision_transformer_stays_as_it_is_and_what_reads_its_tokens_learns()
    {
        SamConfig config = ModelZoo.Nano with
        {
            Name = "dino",
            HighResolutionFeatures = true,
            Encoder = new DinoVisionTransformerConfig
            {
                EmbedDim = 24, Depth = 2, NumHeads = 2, Taps = [1, 2], PositionSide = 4, HighResolutionChannels = [4, 6, 8],
            },
        };
        SamModel model = SamModel.Create(config, seed: 1);
        float[][] before = [.. model.State.Entries.Select(entry => entry.Weight.ToArray())];
        var clock = new TuningClock(TimeSpan.FromMinutes(5), progress: null, TestContext.Current.CancellationToken);
        TrainingPicture[] pictures = [.. Discs(4).Select(disc => new TrainingPicture(Draw(disc.Path), [disc.Masks[0].ToMask()]))];
        new ModelTuning(model, new TuningRecipe { LeastSteps = 2, Epochs = 1, Trainings = 1 }, seed: 1, clock).TuneAll(pictures, seconds: 60);
        bool learned = false;
        foreach ((int i, StateEntry entry) in model.State.Entries.Index())
        {
            if (entry.Key.StartsWith("image_encoder.blocks.", StringComparison.Ordinal))
                Assert.Equal(before[i], entry.Weight.ToArray());
            learned |= entry.Key.StartsWith("image_encoder.neck.", StringComparison.Ordinal) && !before[i].SequenceEqual(entry.Weight.ToArray());
        }

        Assert.True(learned);
    }

    [Fact]
    public void Integers_stay_integers_and_words_stay_where_the_encoder_does()
    {
        FineTuningResult result = new FineTuner(Sam.Default, Draw, Options) { Recipe = new TuningRecipe { Epochs = 0 } }.Run(Discs(8));
        Assert.Equal(Sam.Default.Fingerprint, result.Model.Fingerprint);
        Assert.Equal(Sam.Default.Words?.Words.Select(word => word.Name), result.Model.Words?.Words.Select(word => word.Name));
        Assert.Equal(
            Sam.Default.Model.State.Entries.Count(entry => entry.Weight.Quantized is not null),
            result.Model.Model.State.Entries.Count(entry => entry.Weight.Quantized is not null));
    }

    [Fact]
    public void Too_few_pictures_and_pictures_of_another_size_are_told()
    {
        FineTuningPicture[] discs = [.. Discs(8)];
        FineTuningPicture empty = discs[7] with { Masks = [Rle.Encode(new BinaryMask(Side, Side))] };
        Assert.Contains("7 pictures with objects are too few", Assert.Throws<ArgumentException>(
            () => new FineTuner(Nano(), Draw, Options).Run([.. discs[..7], empty])).Message);
        var small = new BinaryMask(20, 20);
        small.Fill(new PixelBox(3, 3, 9, 9));
        Assert.Throws<DataFormatException>(
            () => new FineTuner(Nano(), Draw, Options).Run([.. discs.Select(disc => disc with { Masks = [Rle.Encode(small)] })]));
        using var stop = new CancellationTokenSource();
        stop.Cancel();
        Assert.Throws<OperationCanceledException>(() => new FineTuner(Nano(), Draw, Options).Run(discs, cancellation: stop.Token));
        Assert.Throws<ArgumentOutOfRangeException>(() => new FineTuner(Nano(), Draw, Options with { Time = TimeSpan.FromSeconds(1) }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new FineTuner(Nano(), Draw, Options with { Threads = 0 }));
    }

    [Fact]
    public void A_picture_that_is_kept_back_is_so_when_there_are_more()
    {
        FineTuningPicture[] discs = [.. Discs(120)];
        HashSet<string> few = [.. HeldOut.Split(discs[..60]).HeldOut.Select(picture => picture.Key)];
        (FineTuningPicture[] learned, FineTuningPicture[] kept) = HeldOut.Split(discs);
        Assert.Superset(few, kept.Select(picture => picture.Key).ToHashSet());
        Assert.Empty(learned.Intersect(kept));
        Assert.InRange(kept.Length, 20, 40);
        Assert.Equal(4, HeldOut.Split(discs[..8]).HeldOut.Length);
    }

    [Fact]
    public void Few_objects_are_prompted_several_times_inside_of_them_and_alike_for_every_model()
    {
        FineTuningPicture[] discs = [.. Discs(10)];
        var measure = new HeldOutMeasure(Draw, discs);
        Assert.Equal(9, measure.PromptsPerObject);
        Assert.Equal(4, new HeldOutMeasure(Draw, [.. Discs(100)]).PromptsPerObject);
        Assert.Equal(1, new HeldOutMeasure(Draw, [.. Discs(500)]).PromptsPerObject);
        BinaryMask[] truths = [discs[0].Masks[0].ToMask(), discs[1].Masks[0].ToMask()];
        (Click[] clicks, Prompt[] boxes) = measure.PromptsFor(truths, "a");
        Assert.Equal(18, clicks.Length);
        Assert.Equal(18, boxes.Length);
        for (int i = 0; i < clicks.Length; i++)
        {
            BinaryMask truth = truths[i % 2];
            Assert.True(truth[clicks[i].X, clicks[i].Y], $"click {i}");
            PromptBox box = boxes[i].BoundingBox!.Value;
            // A disc of at most 48 pixels: a shift of a tenth is at most 2 pixels where the longest side is 96.
            Assert.InRange(Math.Abs(box.Left - truth.Bounds.X), 0, i < 2 ? 0 : 2);
            Assert.InRange(Math.Abs(box.Top - truth.Bounds.Y), 0, i < 2 ? 0 : 2);
            Assert.InRange(Math.Abs(box.Right - truth.Bounds.Right), 0, i < 2 ? 0 : 2);
            Assert.InRange(Math.Abs(box.Bottom - truth.Bounds.Bottom), 0, i < 2 ? 0 : 2);
        }

        Assert.Equal(clicks, measure.PromptsFor(truths, "a").Clicks);
        Assert.NotEqual(clicks, measure.PromptsFor(truths, "b").Clicks);
        Assert.True(clicks.Distinct().Count() > 10);
    }

    [Fact]
    public void The_choice_goes_to_the_mask_that_is_meant_and_no_further_than_it_pays()
    {
        // The second mask is the right one and is predicted to be a little worse.
        var seen = Enumerable.Range(0, 40).Select(_ => (new[] { 0.6f, 0.5f, 0.4f }, new[] { 0.5, 0.9, 0.1 })).ToArray();
        (float second, float third) = MaskChoiceFit.Fit(seen);
        Assert.InRange(second, 0.1f, 0.2f);
        Assert.InRange(third, -0.2f, 0f);
        Assert.Equal((0f, 0f), MaskChoiceFit.Fit([([0.6f, 0.5f, 0.4f], [0.7, 0.7, 0.7])]));
        Assert.Equal((0f, 0f), MaskChoiceFit.Fit([]));
    }

    private static Sam Nano() => Sam.Over(SamModel.Create(ModelZoo.Nano, seed: 1));

    private static FineTuningPicture[] Discs(int count) => [.. Enumerable.Range(0, count).Select(i => new FineTuningPicture($"disc {i}", $"{i}", [Rle.Encode(Disc(i))]))];

    private static RgbImage Draw(string path)
    {
        int number = int.Parse(path);
        BinaryMask disc = Disc(number);
        var noise = new Random(number);
        var image = new RgbImage(Side, Side);
        for (int y = 0; y < Side; y++)
        {
            for (int x = 0; x < Side; x++)
            {
                for (int c = 0; c < 3; c++)
                    image.Pixels[(y * Side + x) * 3 + c] = (byte)((disc[x, y] ? 190 : 50) + noise.Next(30));
            }
        }

        return image;
    }

    private static BinaryMask Disc(int number)
    {
        var random = new Random(1000 + number);
        int radius = random.Next(12, 24), left = random.Next(radius, Side - radius), top = random.Next(radius, Side - radius);
        var mask = new BinaryMask(Side, Side);
        for (int y = 0; y < Side; y++)
        {
            for (int x = 0; x < Side; x++)
                mask[x, y] = (x - left) * (x - left) + (y - top) * (y - top) <= radius * radius;
        }

        return mask;
    }

    private sealed class Telling(List<FineTuningProgress> told) : IProgress<FineTuningProgress>
    {
        public void Report(FineTuningProgress value) => told.Add(value);
    }
}
