using PocketSam.Models;
using PocketSam.Tests.Models;

namespace PocketSam.Tests.Segmentation;

public sealed class SamTests
{
    private static readonly Sam Nano = Sam.Over(SamModel.Create(ModelZoo.Nano, seed: 1));

    private static readonly Prompt[] Mixed =
    [
        Prompt.Point(10, 20),
        Prompt.Box(5, 5, 60, 40),
        Prompt.Point(70, 30),
        Prompt.Point(30, 30).WithPoint(1, 1, isForeground: false),
        Prompt.Box(20, 2, 90, 55).WithPoint(40, 20),
    ];

    [Fact]
    public void One_point_gets_three_masks_and_everything_else_one()
    {
        using ImageEmbedding photo = Nano.Encode(Picture(100, 60));

        var results = Nano.Predict(photo, Mixed);
        Prompt refined = Mixed[0].WithMask(results[0].Best.Logits);

        Assert.Equal([3, 1, 3, 1, 1], results.Select(r => r.Masks.Count));
        Assert.Single(Nano.Predict(photo, refined).Masks);
        Assert.Equal(3, Nano.Predict(photo, Mixed[1], multimask: true).Masks.Count);
        Assert.Single(Nano.Predict(photo, Mixed[0], multimask: false).Masks);
        Assert.All(results, r => Assert.Equal(r.Masks.Max(m => m.PredictedIou), r.Best.PredictedIou));
        Assert.Empty(Nano.Predict(photo, []));
    }

    [Theory]
    [InlineData(-0.4, 10, 70, 50, 0, 10, 70, 50)]
    [InlineData(30, 20, 100.2, 60, 30, 20, 100, 60)]
    [InlineData(-500, -1e9, 1e9, 600, 0, 0, 100, 60)]
    public void Box_that_reaches_outside_means_what_is_inside(
        double left, double top, double right, double bottom, double x0, double y0, double x1, double y1)
    {
        using ImageEmbedding photo = Nano.Encode(Picture(100, 60));

        Mask mask = Nano.Predict(photo, Prompt.Box(left, top, right, bottom)).Best;

        Mask inside = Nano.Predict(photo, Prompt.Box(x0, y0, x1, y1)).Best;
        Assert.Equal(inside.Logits.Values.ToArray(), mask.Logits.Values.ToArray());
    }

    [Fact]
    public async Task What_is_computed_elsewhere_is_the_same()
    {
        RgbImage picture = Picture(100, 60);
        using ImageEmbedding here = Nano.Encode(picture), elsewhere = await Nano.EncodeAsync(picture);
        Assert.Equal(here.ToArray(), elsewhere.ToArray());

        AssertSame(Nano.Predict(here, Mixed[0]), await Nano.PredictAsync(here, Mixed[0]));
        IReadOnlyList<Prediction> expected = Nano.Predict(here, Mixed), actual = await Nano.PredictAsync(here, Mixed);
        for (int i = 0; i < Mixed.Length; i++)
            AssertSame(expected[i], actual[i]);
    }

    [Fact]
    public async Task Whatever_computes_is_cancelled()
    {
        var cancelled = new CancellationToken(canceled: true);
        RgbImage picture = Picture(100, 60);
        using ImageEmbedding photo = Nano.Encode(picture);

        Assert.Throws<OperationCanceledException>(() => Nano.Predict(photo, Mixed[0], cancellation: cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Nano.EncodeAsync(picture, cancellation: cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Nano.PredictAsync(photo, Mixed[0], cancellation: cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Nano.PredictAsync(photo, Mixed, cancellation: cancelled));
    }

    [Fact]
    public void Many_prompts_are_answered_as_each_alone()
    {
        using ImageEmbedding photo = Nano.Encode(Picture(100, 60));
        var first = Nano.Predict(photo, Mixed);
        Prompt refined = Mixed[1].WithMask(first[1].Best.Logits);
        Prompt[] prompts = [.. Enumerable.Range(0, 60).Select(i => i % 7 == 6 ? refined : Mixed[i % 5])];

        var together = Nano.Predict(photo, prompts);

        for (int i = 0; i < prompts.Length; i++)
            AssertSame(Nano.Predict(photo, prompts[i]), together[i]);
    }

    [Fact]
    public void Ragged_prompts_are_answered_as_each_alone()
    {
        using ImageEmbedding photo = Nano.Encode(Picture(101, 61));
        var drawn = new BinaryMask(101, 61);
        drawn.Fill(new PixelBox(20, 10, 31, 21));
        MaskLogits logits = Nano.Predict(photo, Mixed[0]).Best.Logits;
        Prompt[] prompts =
        [
            Prompt.Box(5, 5, 60, 40).WithPoint(30, 20).WithPoint(50, 30, isForeground: false).WithMask(drawn),
            Prompt.Point(7, 8),
            Prompt.Mask(drawn),
            Prompt.Mask(logits),
            Prompt.Refine(drawn),
            Prompt.Box(1, 1, 100, 60).WithMask(logits),
            Prompt.Point(1, 2).WithPoint(3, 4).WithPoint(5, 6).WithPoint(7, 8),
            Prompt.Box(0, 0, 101, 61),
        ];

        foreach (bool? multimask in (ReadOnlySpan<bool?>)[null, true, false])
        {
            var together = Nano.Predict(photo, prompts, multimask);

            for (int i = 0; i < prompts.Length; i++)
                AssertSame(Nano.Predict(photo, prompts[i], multimask), together[i]);
        }
    }

    [Fact]
    public async Task Threads_share_a_model_and_an_embedding()
    {
        using ImageEmbedding photo = Nano.Encode(Picture(100, 60));
        var expected = Nano.Predict(photo, Mixed);

        await Task.WhenAll(Enumerable.Range(0, 4).Select(t => Task.Run(() =>
        {
            for (int i = 0; i < 5; i++)
            {
                using ImageEmbedding own = Nano.Encode(Picture(100, 60));
                for (int p = 0; p < Mixed.Length; p++)
                    AssertSame(expected[p], Nano.Predict(i % 2 == 0 ? photo : own, Mixed[p]));
            }
        })));
    }

    [Fact]
    public void An_encoder_with_position_embeddings_takes_its_own_size_only()
    {
        Sam sam = Sam.Over(SamModel.Create(ImageEncoderViTTests.Small(128, 5, 12, 2), seed: 1));
        using ImageEmbedding photo = sam.Encode(Picture(50, 70));
        Assert.Equal(3, sam.Predict(photo, Mixed[0]).Masks.Count);
        Assert.Equal(
            "input size 256: small_vit has position embeddings for 128 pixels and takes no other size",
            Assert.Throws<ArgumentException>(() => sam.Encode(Picture(50, 70), imageSize: 256)).Message);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(3, 200)]
    [InlineData(129, 64)]
    public void Masks_have_the_size_of_the_picture(int width, int height)
    {
        using ImageEmbedding photo = Nano.Encode(Picture(width, height), imageSize: 64);

        Mask mask = Nano.Predict(photo, Prompt.Box(0, 0, width, height)).Best;

        Assert.Equal((width, height), (mask.Bits.Width, mask.Bits.Height));
        Assert.Equal(mask.Area, mask.ToRle().Area);
        Assert.InRange(mask.StabilityScore, 0, 1);
        Assert.Equal(16, mask.Logits.Side);
    }

    [Fact]
    public void A_file_gives_the_same_model_back()
    {
        string path = Path.Combine(Path.GetTempPath(), $"pocketsam-{Guid.NewGuid():N}.safetensors");
        try
        {
            Safetensors.Write(path, Nano.Model.State.ToStored(DataType.Float32), Nano.Model.Metadata());
            Sam loaded = Sam.Load(path);
            using ImageEmbedding one = Nano.Encode(Picture(50, 50)), other = loaded.Encode(Picture(50, 50));

            Assert.Equal((path, "nano", Nano.Parameters), (loaded.Name, loaded.Config.Name, loaded.Parameters));
            AssertSame(Nano.Predict(one, Mixed[0]), loaded.Predict(other, Mixed[0]));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void A_model_that_is_installed_is_loaded_by_its_name()
    {
        const string Variable = "POCKETSAM_MODELS";
        string? before = Environment.GetEnvironmentVariable(Variable);
        using var folder = new TemporaryFolder();
        try
        {
            Environment.SetEnvironmentVariable(Variable, folder.Location);
            Assert.Equal(Sam.DefaultName, Sam.PreferredName);
            Assert.Contains(
                "'quality' is not installed: quality.safetensors lies in none of " + folder.Location,
                Assert.Throws<FileNotFoundException>(() => Sam.Load(Sam.QualityName)).Message, StringComparison.Ordinal);

            Safetensors.Write(folder["quality.safetensors"], Nano.Model.State.ToStored(DataType.Float32), Nano.Model.Metadata());
            Assert.Equal(Sam.QualityName, Sam.PreferredName);
            Sam loaded = Sam.Load(Sam.QualityName);
            Assert.Equal(("quality", "nano", Nano.Fingerprint), (loaded.Name, loaded.Config.Name, loaded.Fingerprint));
        }
        finally
        {
            Environment.SetEnvironmentVariable(Variable, before);
        }
    }

    [Fact]
    public void Names_without_weights_are_refused()
    {
        var architecture = Assert.Throws<ArgumentException>(() => Sam.Load("vit_t"));
        var missing = Assert.Throws<FileNotFoundException>(() => Sam.Load("none.safetensors"));

        Assert.Contains("name of an architecture", architecture.Message);
        Assert.Equal("none.safetensors: no such file", missing.Message);
    }

    [Fact]
    public void Wrong_use_is_refused()
    {
        ImageEmbedding photo = Nano.Encode(Picture(100, 60));
        Sam other = Sam.Over(SamModel.Create(ModelZoo.Nano with { PromptEmbedDim = 64, DecoderHeads = 2 }, seed: 1));

        Assert.Throws<PromptException>(() => Nano.Predict(photo, Prompt.Point(100, 0)));
        var stranger = Assert.Throws<ArgumentException>(() => other.Predict(photo, Mixed[0]));
        Assert.Contains("not this model's", stranger.Message);
        Assert.Throws<ArgumentException>(() => Nano.Encode(Picture(5, 5), imageSize: 100));
        Assert.Throws<OperationCanceledException>(
            () => Nano.Predict(photo, Mixed, cancellation: new CancellationToken(canceled: true)));
        photo.Dispose();
        Assert.Throws<ObjectDisposedException>(() => Nano.Predict(photo, Mixed[0]));
    }

    private static RgbImage Picture(int width, int height)
    {
        var picture = new RgbImage(width, height);
        new Random(width + height).NextBytes(picture.Pixels);
        return picture;
    }

    private static void AssertSame(
        PocketSam.Prediction expected, PocketSam.Prediction actual)
    {
        Assert.Equal(expected.Masks.Count, actual.Masks.Count);
        foreach ((Mask a, Mask b) in expected.Masks.Zip(actual.Masks))
        {
            Assert.Equal(a.PredictedIou, b.PredictedIou);
            Assert.True(a.Logits.Values.SequenceEqual(b.Logits.Values));
            Assert.Equal(a.Area, b.Area);
        }
    }
}
