using PocketSam.Models;
using PocketSam.Segmentation.Similarity;

namespace PocketSam.Tests.Segmentation;

/// <summary>Classes of objects by their features: what can be told apart is told apart, and what cannot is unsure.</summary>
public sealed class ObjectClassifierTests
{
    private const int Features = 20;

    [Fact]
    public void Gradient_is_that_of_the_loss()
    {
        var random = new Random(3);
        double[][] examples = [.. Enumerable.Range(0, 12).Select(_ => Enumerable.Range(0, 5).Select(_ => random.NextDouble() - 0.5).ToArray())];
        int[] labels = [.. Enumerable.Range(0, 12).Select(_ => random.Next(3))];
        double[] weights = [.. Enumerable.Range(0, 3 * 6).Select(_ => 4 * random.NextDouble() - 2)], gradient = new double[18], unused = new double[18];
        SoftmaxRegression.Loss(examples, labels, 3, 0.1, weights, gradient);
        for (int i = 0; i < weights.Length; i++)
        {
            const double Step = 1e-5;
            double there = weights[i];
            weights[i] = there + Step;
            double above = SoftmaxRegression.Loss(examples, labels, 3, 0.1, weights, unused);
            weights[i] = there - Step;
            double below = SoftmaxRegression.Loss(examples, labels, 3, 0.1, weights, unused);
            weights[i] = there;
            Assert.Equal((above - below) / (2 * Step), gradient[i], 1e-8);
        }
    }

    [Fact]
    public void Separable_classes_are_found_and_the_same_examples_give_the_same()
    {
        ObjectExample[] examples = Made(pictures: 12, noise: 0.3f, classes: [7, 9, 40]);
        ObjectClassifier classifier = ObjectClassifier.Fit(examples), again = ObjectClassifier.Fit(examples);
        Assert.Equal([7, 9, 40], classifier.Classes);
        Assert.Equal(36, classifier.Objects);
        Assert.Equal(1, classifier.Accuracy);
        Assert.NotNull(classifier.Threshold);
        ObjectExample[] others = Made(pictures: 12, noise: 0.3f, classes: [7, 9, 40], seed: 5);
        ObjectGuess[] guesses = [.. others.Select(other => classifier.Guess(other.Features))];
        Assert.All(guesses.Zip(others), pair => Assert.True(pair.First.Class is null || pair.First.Class == pair.Second.Class));
        Assert.InRange(guesses.Count(guess => guess.Class is not null), 30, 36);
        Assert.Equal(guesses, others.Select(other => again.Guess(other.Features)));
    }

    [Fact]
    public void Noise_is_unsure_and_no_better_than_chance()
    {
        var random = new Random(1);
        ObjectExample[] examples = [.. Made(pictures: 30, noise: 1, classes: [1, 2]).Select(example
            => example with { Features = [.. Enumerable.Range(0, Features).Select(_ => (float)random.NextDouble())] })];
        ObjectClassifier classifier = ObjectClassifier.Fit(examples);
        Assert.InRange(classifier.Accuracy, 0.3, 0.7);
        Assert.Null(classifier.Threshold);
        Assert.All(examples, example => Assert.Null(classifier.Guess(example.Features).Class));
        Assert.All(examples, example => Assert.InRange(classifier.Guess(example.Features).Probability, 0.4f, 1));
    }

    [Fact]
    public void From_the_threshold_on_nine_of_ten_are_right()
    {
        // A third of the objects says nothing of its class.
        var random = new Random(2);
        ObjectExample[] examples = [.. Made(pictures: 60, noise: 0.3f, classes: [1, 2]).Select((example, i) => i % 3 > 0 ? example
            : example with { Features = [.. Enumerable.Range(0, Features).Select(_ => 0.5f * (float)random.NextDouble())] })];
        ObjectClassifier classifier = ObjectClassifier.Fit(examples);
        Assert.InRange(classifier.Accuracy, 0.7, 0.95);
        ObjectExample[] others = Made(pictures: 60, noise: 0.3f, classes: [1, 2], seed: 9);
        (ObjectGuess First, ObjectExample Second)[] sure
            = [.. others.Select(other => classifier.Guess(other.Features)).Zip(others).Where(pair => pair.First.Class is not null)];
        Assert.True(sure.Length > others.Length / 2);
        Assert.True(sure.Count(pair => pair.First.Class == pair.Second.Class) >= 0.9 * sure.Length);
    }

    [Fact]
    public void What_is_of_no_class_is_not_guessed()
    {
        ObjectExample[] all = Made(pictures: 20, noise: 0.3f, classes: [1, 2, 3]);
        ObjectExample[] examples = [.. all.Select(example => example with { Class = example.Class == 3 ? null : example.Class })];
        ObjectClassifier classifier = ObjectClassifier.Fit(examples);
        Assert.Equal([1, 2], classifier.Classes);
        Assert.Equal(40, classifier.Objects);
        Assert.All(examples.Where(example => example.Class is null), example => Assert.Null(classifier.Guess(example.Features).Class));
        Assert.InRange(examples.Count(example => example.Class is not null && classifier.Guess(example.Features).Class == example.Class), 35, 40);
    }

    [Fact]
    public void Classes_with_too_little_are_left_out_and_too_few_classes_refused()
    {
        ObjectExample[] two = Made(pictures: 4, noise: 0.3f, classes: [1, 2]);
        ObjectExample rare = two[0] with { Class = 3, Picture = "rare" };
        Assert.Equal([1, 2], ObjectClassifier.Fit([.. two, rare, rare, rare]).Classes);

        Assert.Contains("no class has", Assert.Throws<ArgumentException>(() => ObjectClassifier.Fit([])).Message);
        Assert.Contains("1 class has", Assert.Throws<ArgumentException>(
            () => ObjectClassifier.Fit([.. two.Where(example => example.Class == 1), rare, rare, rare])).Message);
        Assert.Equal(
            "guessing needs 2 classes with 3 objects on 2 pictures each; no class has as many", ObjectClassifier.WhyNot([(1, "a"), (1, "a"), (1, "a"), (2, "b")]));
        Assert.Null(ObjectClassifier.WhyNot(two.Select(example => (example.Class!.Value, example.Picture))));
        Assert.Contains("21 features", Assert.Throws<ArgumentException>(
            () => ObjectClassifier.Fit([.. two, two[0] with { Features = new float[Features + 1] }])).Message);
        Assert.Contains("finite", Assert.Throws<ArgumentException>(
            () => ObjectClassifier.Fit([.. two, two[0] with { Features = [float.NaN, .. new float[Features - 1]] }])).Message);
        Assert.Contains("3 features", Assert.Throws<ArgumentException>(() => ObjectClassifier.Fit(two).Guess(new float[3])).Message);
        Assert.Throws<OperationCanceledException>(() => ObjectClassifier.Fit(two, new CancellationToken(canceled: true)));
    }

    [Fact]
    public void Masks_are_described_by_embedding_colour_and_size()
    {
        var nano = Sam.Over(SamModel.Create(ModelZoo.Nano, seed: 1));
        var image = new RgbImage(128, 96);
        image.Pixels.AsSpan().Fill(51);
        var mask = new BinaryMask(128, 96);
        mask.Fill(new PixelBox(0, 0, 64, 96));
        using ImageEmbedding embedding = nano.Encode(image);
        float[] features = Assert.Single(ObjectClassifier.Describe(image, embedding, [Rle.Encode(mask)]));
        Assert.All(features, value => Assert.True(float.IsFinite(value)));
        Assert.Equal([0.2f, 0.2f, 0.2f], features[^4..^1].Select(value => MathF.Round(value, 5)));
        Assert.Equal(MathF.Log(0.5f), features[^1], 5);

        Assert.Contains("empty", Assert.Throws<ArgumentException>(
            () => ObjectClassifier.Describe(image, embedding, [Rle.Encode(new BinaryMask(128, 96))])).Message);
        Assert.Contains("64x64", Assert.Throws<ArgumentException>(
            () => ObjectClassifier.Describe(image, embedding, [Rle.Encode(new BinaryMask(64, 64))])).Message);
        Assert.Contains("64x64", Assert.Throws<ArgumentException>(
            () => ObjectClassifier.Describe(new RgbImage(64, 64), embedding, [])).Message);
    }

    /// <summary>One object of each class on each picture: its class's own place among the features, and noise.</summary>
    private static ObjectExample[] Made(int pictures, float noise, long[] classes, int seed = 4)
    {
        var random = new Random(seed);
        return [.. from picture in Enumerable.Range(0, pictures)
                   from place in Enumerable.Range(0, classes.Length)
                   select new ObjectExample(
                       [.. Enumerable.Range(0, Features).Select(f => (f == place ? 1 : 0) + noise * ((float)random.NextDouble() - 0.5f))],
                       classes[place], $"picture {picture}.jpg")];
    }
}
