using PocketSam.Models;

namespace PocketSam.Tests.Segmentation.Words;

/// <summary>A text as a prompt, on a model of random weights.</summary>
public sealed class TextPromptTests
{
    private static readonly Sam Nano = Sam.Over(SamModel.Create(ModelZoo.Nano, 1));

    [Theory]
    [InlineData("dog", "dog")]
    [InlineData(" a red mug ,dog,  DOG, dog", "a red mug|dog|DOG")]
    public void Phrases_stand_between_commas_each_once(string text, string phrases)
        => Assert.Equal(phrases.Split('|'), TextPrompt.Split(text));

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("dog,")]
    [InlineData("dog, ,cat")]
    public void Nothing_is_no_phrase(string text) => Assert.Throws<PromptException>(() => TextPrompt.Split(text));

    [Fact]
    public async Task Find_is_the_grounder_asked_of_the_encoded_picture()
    {
        var image = new RgbImage(90, 60);
        var grounder = new First();
        var told = new Told();
        IReadOnlyList<GroundedMask> found = await Nano.FindAsync(image, "dog, cat", grounder, told, TestContext.Current.CancellationToken);
        Assert.Equal(["dog", "cat"], found.Select(mask => mask.Phrase));
        using ImageEmbedding photo = Nano.Encode(image, cancellation: TestContext.Current.CancellationToken);
        Assert.Equal(photo.ToArray(), grounder.Asked);
        Assert.Equal(1, told.Shares[^1], 1e-9);
        Assert.Equal(told.Shares.Order(), told.Shares);
        Assert.False(photo.HasWords);
    }

    [Fact]
    public void What_is_not_understood_is_refused_before_the_picture_is_looked_at()
    {
        var image = new RgbImage(90, 60);
        Assert.Throws<ArgumentException>(() => Nano.Find(image, "dog"));
        var told = new Told();
        Assert.Throws<PromptException>(() => Nano.Find(image, "dog,", new First(), told, TestContext.Current.CancellationToken));
        Assert.Throws<PromptException>(() => ((ITextGrounder)new First()).Validate([]));
        Assert.Throws<PromptException>(() => ((ITextGrounder)new First()).Validate(["dog", " "]));
        Assert.Empty(told.Shares);
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(() => Nano.Find(image, "dog", new First(), cancellation: cancelled.Token));
    }

    /// <summary>Gives each phrase the whole picture.</summary>
    private sealed class First : ITextGrounder
    {
        public string Name => "first";

        public float[]? Asked { get; private set; }

        public IReadOnlyList<GroundedMask> Ground(
            RgbImage image, ImageEmbedding embedding, IReadOnlyList<string> phrases, IProgress<double>? progress = null,
            CancellationToken cancellation = default)
        {
            Asked = embedding.ToArray();
            progress?.Report(1);
            return
            [
                .. phrases.Select(phrase => new GroundedMask(phrase, 1, new GeneratedMask
                {
                    Segmentation = Rle.FromCounts([0, image.Width * image.Height], image.Height, image.Width), Area = image.Width * image.Height,
                    Box = new PixelBox(0, 0, image.Width, image.Height), PredictedIou = 1, StabilityScore = 1, PointCoords = [],
                    CropBox = new PixelBox(0, 0, image.Width, image.Height),
                })),
            ];
        }
    }

    private sealed class Told : IProgress<double>
    {
        public List<double> Shares { get; } = [];

        public void Report(double value) => Shares.Add(value);
    }
}
