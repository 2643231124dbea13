using PocketSam.Models;
using PocketSam.Segmentation;
using PocketSam.Tensors;

namespace PocketSam.Tests.Segmentation.Words;

/// <summary>A model's own words, on a model that knows nothing.</summary>
public sealed class WordGrounderTests
{
    private static readonly KnownWord[] Words =
        [new("cat") { Synonyms = ["kitty"], Masks = 20, Pictures = 4, Pointing = 0.75, Found = 1, MeanIou = 0.5 }, new("glass"), new("traffic light")];

    [Theory]
    [InlineData(100, 60)]
    [InlineData(60, 100)]
    [InlineData(640, 427)]
    [InlineData(7, 5)]
    public void Cells_have_the_pixels_of_masks_and_rings(int width, int height)
    {
        var geometry = ImageGeometry.For(width, height, 128);
        var bits = new BinaryMask(width, height);
        var random = new Random(width);
        for (int i = 0; i < width * height / 3 + 1; i++)
            bits[random.Next(width / 3, width), random.Next(height / 3, height - height / 4)] = true;
        PixelBox box = bits.Bounds;
        int least = Math.Max(1, Math.Max(width, height) / 32), across = Math.Max(box.Width / 4, least), down = Math.Max(box.Height / 4, least);
        float[] mask = new float[64], ring = new float[64], picture = new float[64];
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                int cell = (int)((y + 0.5) * geometry.ResizedHeight / height / 16) * 8 + (int)((x + 0.5) * geometry.ResizedWidth / width / 16);
                picture[cell]++;
                if (bits[x, y])
                    mask[cell]++;
                else if (x >= box.X - across && x < box.Right + across && y >= box.Y - down && y < box.Bottom + down)
                    ring[cell]++;
            }
        }

        var cells = new MaskCells(Rle.Encode(bits), geometry);
        Assert.Equal(mask, cells.Mask);
        Assert.Equal(ring, cells.Ring);
        Assert.Equal(picture, MaskCells.OfPicture(geometry));
    }

    [Fact]
    public void Probabilities_are_those_of_the_features_pooled_and_multiplied()
    {
        const int Features = 5, Outcomes = 4;
        WordVocabulary vocabulary = Vocabulary(Features);
        WordWeights w = vocabulary.Weights;
        var geometry = ImageGeometry.For(100, 60, 128);
        Tensor features = Samples.Tensor(3, 1, 8, 8, Features);
        var bits = new BinaryMask(100, 60);
        bits.Fill(new PixelBox(20, 10, 30, 25));
        Rle mask = Rle.Encode(bits);
        float[] actual = PictureWords.Of(vocabulary, features, geometry).Probabilities(mask);

        var cells = new MaskCells(mask, geometry);
        float[] shape = new float[3];
        cells.Describe(geometry, shape);
        double[] scores = new double[Outcomes];
        for (int k = 0; k < Outcomes; k++)
        {
            scores[k] = w.Bias[k];
            for (int f = 0; f < Features; f++)
            {
                scores[k] += Mean(cells.Mask, f) * w.Mask[k * Features + f] + Mean(cells.Ring, f) * w.Ring[k * Features + f]
                    + Mean(MaskCells.OfPicture(geometry), f) * w.Image[k * Features + f];
            }

            for (int s = 0; s < 3; s++)
                scores[k] += shape[s] * w.Shape[k * 3 + s];
        }

        double sum = scores.Sum(Math.Exp);
        for (int k = 0; k < Outcomes; k++)
            Assert.Equal(Math.Exp(scores[k]) / sum, actual[k], 1e-5);

        double Mean(float[] weights, int f)
            => weights.Select((weight, i) => (double)weight * features.Span.ToArray()[i * Features + f]).Sum() / weights.Sum();
    }

    [Fact]
    public void Words_become_part_of_a_file_and_nothing_else_of_it_changes()
    {
        using var folder = new TemporaryFolder();
        SamModel model = SamModel.Create(ModelZoo.Nano, 1);
        string plain = folder["plain.safetensors"], taught = folder["taught.safetensors"], again = folder["again.safetensors"];
        Safetensors.Write(plain, model.State.ToStored(DataType.Float16), model.Metadata());
        using Checkpoint before = CheckpointFile.Read(plain);
        Vocabulary(32).Write(before, taught);
        using Checkpoint after = CheckpointFile.Read(taught);
        Vocabulary(32).Write(after, again);
        Assert.Equal(File.ReadAllBytes(taught), File.ReadAllBytes(again));
        Assert.Equal(before.Tensors.Count + 5, after.Tensors.Count);
        foreach ((string key, StoredTensor tensor) in before.Tensors)
            Assert.Equal(tensor.ToBytes(), after.Tensors[key].ToBytes());

        Sam sam = Sam.Load(taught);
        Assert.Equal(Words.Select(word => word.Name), sam.Words!.Words.Select(word => word.Name));
        Assert.Equal((0.75, 0.25f), (sam.Words.Words[0].Pointing, sam.Words.Threshold));
        Assert.Equal(Sam.Load(plain).Fingerprint, sam.Fingerprint);
        Assert.Null(Sam.Load(plain).Words);
        Assert.Throws<ArgumentException>(() => new WordGrounder(Sam.Load(plain)));

        var image = new RgbImage(90, 60);
        new Random(1).NextBytes(image.Pixels);
        using ImageEmbedding photo = sam.Encode(image);

        // Without words the same embeddings, which keep nothing of them; each model takes the other's.
        Sam silent = sam.WithoutWords();
        Assert.Null(silent.Words);
        Assert.Same(silent, silent.WithoutWords());
        using ImageEmbedding bare = silent.Encode(image);
        Assert.NotNull(photo.Words);
        Assert.Null(bare.Words);
        Assert.Equal(photo.ToArray(), bare.ToArray());
        Assert.Equal(
            sam.Predict(bare, Prompt.Point(40, 30)).Best.Bits.Area, silent.Predict(photo, Prompt.Point(40, 30)).Best.Bits.Area);
        Assert.Throws<ArgumentException>(() => new WordGrounder(sam).Ground(image, bare, ["cat"]));
        var grounder = new WordGrounder(sam, new MaskGeneratorOptions { PointsPerSide = 4, PredIouThresh = 0, StabilityScoreThresh = 0 });
        PromptException unknown = Assert.Throws<PromptException>(() => grounder.Ground(image, photo, ["cat", "unicorn"]));
        Assert.Equal("'unicorn' is none of the 3 words of this model: cat, glass, traffic light", unknown.Message);
        Assert.Equal(unknown.Message, Assert.Throws<PromptException>(() => grounder.Validate(["unicorn"])).Message);
        Assert.Throws<PromptException>(() => grounder.Validate([]));
        Assert.Equal(sam.Words.Words, grounder.Words);
        Assert.Equal((true, false), (photo.HasWords, bare.HasWords));
        Assert.Equal(
            grounder.Ground(image, photo, ["cat"]).Select(found => (found.Phrase, found.Score, found.Mask.Area)),
            sam.Find(image, "cat", grounder).Select(found => (found.Phrase, found.Score, found.Mask.Area)));
        Assert.All(grounder.Ground(image, photo, ["Cats", "kitty"]), found => Assert.True(found.Score >= 0.25f));
        photo.Save(folder["photo.safetensors"]);
        using ImageEmbedding kept = ImageEmbedding.Load(folder["photo.safetensors"]);
        Assert.Throws<ArgumentException>(() => grounder.Ground(image, kept, ["cat"]));
    }

    [Fact]
    public void Words_are_found_by_synonyms_and_plurals()
    {
        WordVocabulary vocabulary = Vocabulary(4);
        foreach (string word in new[] { "cat", "CATS", "kitty" })
            Assert.Equal("cat", vocabulary.Find(word)!.Name);
        Assert.Equal("glass", vocabulary.Find("glasses")!.Name);
        Assert.Equal("traffic light", vocabulary.Find(" Traffic  lights ")!.Name);
        Assert.Null(vocabulary.Find("ca"));
        Assert.Null(vocabulary.Find(""));
    }

    [Fact]
    public void Broken_words_are_refused()
    {
        WordVocabulary vocabulary = Vocabulary(4);
        Dictionary<string, StoredTensor> tensors = new(vocabulary.ToStored());
        Refused("{", tensors);
        Refused("{}", tensors);
        Refused(vocabulary.ToJson().Replace("0.25", "7", StringComparison.Ordinal), tensors);
        Refused(vocabulary.ToJson().Replace("\"cat\"", "\" \"", StringComparison.Ordinal), tensors);
        Refused(vocabulary.ToJson(), new(tensors.Where(t => t.Key != "words.ring")));
        Refused(vocabulary.ToJson(), new(tensors) { ["words.shape"] = tensors["words.mask"] });
        Refused(vocabulary.ToJson(), new(tensors) { ["words.bias"] = StoredTensor.FromFloats([float.NaN, 0, 0, 0], [4, 1]) });

        static void Refused(string json, Dictionary<string, StoredTensor> tensors) => Assert.Throws<CheckpointFormatException>(
            () => WordVocabulary.Of(new Checkpoint("x", tensors, new Dictionary<string, string> { [WordVocabulary.MetadataKey] = json })));
    }

    [Fact]
    public void Of_parts_the_surest_stays_or_the_whole_that_is_nearly_as_sure()
    {
        GroundedMask whole = Found("cat", 0.85f, 0, 0, 40, 40), part = Found("cat", 0.9f, 5, 5, 10, 10), elsewhere = Found("cat", 0.6f, 60, 0, 20, 20);
        GroundedMask other = Found("dog", 0.95f, 5, 5, 10, 10), unsure = Found("cat", 0.4f, 60, 40, 20, 20);
        IReadOnlyList<GroundedMask> chosen = GroundedMask.Choose([whole, part, elsewhere, other, unsure], 0.5f);
        Assert.Equal([other, whole with { Score = 0.9f }, elsewhere], chosen);
        Assert.Equal([part], GroundedMask.Choose([whole with { Score = 0.7f }, part], 0.5f));
        Assert.Empty(GroundedMask.Choose([unsure], 0.5f));
    }

    private static GroundedMask Found(string phrase, float score, int x, int y, int width, int height)
    {
        var bits = new BinaryMask(90, 60);
        bits.Fill(new PixelBox(x, y, width, height));
        return new GroundedMask(phrase, score, new GeneratedMask
        {
            Segmentation = Rle.Encode(bits), Area = bits.Area, Box = bits.Bounds, PredictedIou = 1, StabilityScore = 1, PointCoords = [],
            CropBox = new PixelBox(0, 0, 90, 60),
        });
    }

    private static WordVocabulary Vocabulary(int features)
    {
        int outcomes = Words.Length + 1;
        return new WordVocabulary(Words, 0.25f, new WordWeights(
            outcomes, features, Samples.Uniform(outcomes * features, 1), Samples.Uniform(outcomes * features, 2),
            Samples.Uniform(outcomes * features, 3), Samples.Uniform(outcomes * 3, 4), Samples.Uniform(outcomes, 5)));
    }
}
