using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using PocketSam.Segmentation.Similarity;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace PocketSam;

/// <summary>
/// Predicts classes of objects from examples: multinomial logistic regression on mean embeddings in masks. It trains in
/// seconds, reports its accuracy on held-out pictures, and abstains where it would be wrong too often. Immutable and
/// safe for concurrent use.
/// </summary>
/// <remarks>
/// Features are standardised to a mean of 0 and a deviation of 1 over the examples, then each example is scaled to
/// length 1. The loss is the mean cross entropy plus <c>λ/2 |W|²</c>. Pictures are divided into up to five folds in the
/// order of the SHA-256 of their names. A classifier trained on the other folds predicts each fold, which gives
/// <see cref="Accuracy"/> and <see cref="Threshold"/>. The resulting classifier is trained on all examples. Nothing is
/// random: equal examples give equal classifiers.
/// </remarks>
/// <example>
/// <code>
/// using ImageEmbedding photo = Sam.Default.Encode(image);
/// float[][] features = ObjectClassifier.Describe(image, photo, masks);
/// ObjectClassifier classifier = ObjectClassifier.Fit(examples);
/// foreach (float[] item in features)
///     Console.WriteLine(classifier.Guess(item).Class?.ToString() ?? "unsure");
/// </code>
/// </example>
public sealed class ObjectClassifier
{
    /// <summary>Fewest objects of a class; smaller classes are not learned.</summary>
    public const int LeastObjects = 3;

    /// <summary>Fewest pictures with objects of a class; classes on fewer are not learned.</summary>
    public const int LeastPictures = 2;

    /// <summary>The fraction of predictions at or above the threshold that are right on held-out pictures.</summary>
    public const double Precision = 0.9;

    /// <summary>Fewest predictions at or above the threshold that must support it; fewer might be chance.</summary>
    public const int LeastSure = 10;

    private const int Parts = 5;
    private const double Penalty = 1e-3;

    private readonly long?[] _classes;
    private readonly Scaling _scaling;
    private readonly SoftmaxRegression _regression;

    private ObjectClassifier(long?[] classes, Scaling scaling, SoftmaxRegression regression)
        => (_classes, _scaling, _regression) = (classes, scaling, regression);

    /// <summary>The classes, in ascending order.</summary>
    public IReadOnlyList<long> Classes => [.. _classes.OfType<long>()];

    /// <summary>Number of examples of these classes; each is predicted once while its picture is held out.</summary>
    public int Objects { get; private init; }

    /// <summary>
    /// The fraction of these examples, 0 to 1, whose most probable class is right while their pictures are held out.
    /// </summary>
    public double Accuracy { get; private init; }

    /// <summary>
    /// The smallest probability, 0 to 1, at or above which <see cref="Precision"/> of the held-out predictions are
    /// right, counting masks of no class as wrong, with at least <see cref="LeastSure"/> predictions. Null if there is
    /// none: the classifier then always abstains.
    /// </summary>
    public double? Threshold { get; private init; }

    /// <summary>
    /// Features of masks: the mean embedding in each minus that of the picture, the same minus that of the ring around
    /// it, mean red, green and blue (0 to 1), and the logarithm of the area over the picture's.
    /// </summary>
    /// <param name="image">The picture, upright.</param>
    /// <param name="embedding">The picture's embedding, always from the same model at the same input size.</param>
    /// <param name="masks">Masks of the picture's size, none of them empty.</param>
    /// <param name="cancellation">Checked before each mask.</param>
    /// <returns>For each mask, twice the embedding's channels plus four values.</returns>
    /// <exception cref="ArgumentException">The embedding or a mask is
    /// of a picture of another size, or a mask is empty.</exception>
    /// <exception cref="OperationCanceledException">The computation is cancelled.</exception>
    public static float[][] Describe(
        RgbImage image, ImageEmbedding embedding, IReadOnlyList<Rle> masks, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentNullException.ThrowIfNull(embedding);
        ArgumentNullException.ThrowIfNull(masks);
        if (embedding.Geometry.Width != image.Width || embedding.Geometry.Height != image.Height)
        {
            throw new ArgumentException(
                $"an embedding of {embedding.Geometry.Width}x{embedding.Geometry.Height} for a picture of {image.Width}x{image.Height}",
                nameof(embedding));
        }

        if (masks.FirstOrDefault(mask => mask.Width != image.Width || mask.Height != image.Height) is { } other)
            throw new ArgumentException($"a mask of {other.Width}x{other.Height} in a picture of {image.Width}x{image.Height}", nameof(masks));
        if (masks.Any(mask => mask.Area == 0))
            throw new ArgumentException("a mask is empty", nameof(masks));
        return [.. ObjectAppearance.Of(image, embedding, masks, cancellation).Select(seen => seen.ToFeatures())];
    }

    /// <summary>Why nothing can be learned from these objects; null if it can.</summary>
    /// <param name="objects">Class and picture of each object.</param>
    public static string? WhyNot(IEnumerable<(long Class, string Picture)> objects)
    {
        ArgumentNullException.ThrowIfNull(objects);
        int enough = LearnableClasses(objects).Count;
        return enough >= 2 ? null : string.Create(
            System.Globalization.CultureInfo.InvariantCulture,
            $"guessing needs 2 classes with {LeastObjects} objects on {LeastPictures} pictures each; {(enough == 1 ? "1 class has" : "no class has")} as many");
    }

    /// <summary>Trains a classifier.</summary>
    /// <param name="examples">Objects of classes, and masks of no class. Classes with fewer than
    /// <see cref="LeastObjects"/> objects or <see cref="LeastPictures"/> pictures are left out with their
    /// objects.</param>
    /// <param name="cancellation">Checked before each step.</param>
    /// <exception cref="ArgumentException">Fewer than two classes remain (<see cref="WhyNot"/>), or features differ in
    /// number or are not finite.</exception>
    /// <exception cref="OperationCanceledException">The computation is cancelled.</exception>
    public static ObjectClassifier Fit(IReadOnlyList<ObjectExample> examples, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(examples);
        (long, string)[] objects = [.. from example in examples where example.Class is not null select (example.Class!.Value, example.Picture)];
        if (WhyNot(objects) is { } why)
            throw new ArgumentException(why, nameof(examples));
        HashSet<long> enough = LearnableClasses(objects);
        ObjectExample[] known = [.. examples.Where(example => example.Class is not { } its || enough.Contains(its))];
        if (known.FirstOrDefault(example => example.Features.Count != known[0].Features.Count) is { } longer)
            throw new ArgumentException($"an example of {longer.Features.Count} features beside one of {known[0].Features.Count}", nameof(examples));
        if (known.Any(example => example.Features.Any(value => !float.IsFinite(value))))
            throw new ArgumentException("a feature is not finite", nameof(examples));

        // "No class" comes last.
        long?[] classes = [.. enough.Order().Select(id => (long?)id), .. known.Any(example => example.Class is null) ? new long?[] { null } : []];
        int[] partOf = PartsOf(known);
        var heldOut = new List<(bool IsRight, double Probability)>();
        int right = 0;
        foreach (int part in partOf.Distinct().Order())
        {
            ObjectClassifier others = Learn([.. known.Where((_, i) => partOf[i] != part)], classes, cancellation);
            foreach (ObjectExample example in known.Where((_, i) => partOf[i] == part))
            {
                (long? guess, double probability) = others.MostProbable(example.Features);
                right += guess is not null && guess == example.Class ? 1 : 0;
                if (guess is not null)
                    heldOut.Add((guess == example.Class, probability));
            }
        }

        ObjectClassifier all = Learn(known, classes, cancellation);
        return new ObjectClassifier(classes, all._scaling, all._regression)
        {
            Objects = objects.Count(thing => enough.Contains(thing.Item1)),
            Accuracy = (double)right / objects.Count(thing => enough.Contains(thing.Item1)),
            Threshold = ThresholdOf(heldOut),
        };
    }

    /// <summary>Predicts the class of an object.</summary>
    /// <param name="features">Its features (<see cref="Describe"/>).</param>
    /// <exception cref="ArgumentException">The number of features is not that of the examples.</exception>
    public ObjectGuess Guess(IReadOnlyList<float> features)
    {
        ArgumentNullException.ThrowIfNull(features);
        (long? guess, double probability) = MostProbable(features);
        return new ObjectGuess(Threshold is { } least && probability >= least ? guess : null, (float)probability);
    }

    /// <summary>
    /// The smallest probability at or above which enough predictions are right; null if there is none.
    /// </summary>
    private static double? ThresholdOf(List<(bool IsRight, double Probability)> guesses)
    {
        double? threshold = null;
        int count = 0, right = 0;
        foreach (IGrouping<double, (bool IsRight, double)> same in guesses.GroupBy(guess => guess.Probability).OrderByDescending(same => same.Key))
        {
            count += same.Count();
            right += same.Count(guess => guess.IsRight);
            if (count >= LeastSure && right >= Precision * count)
                threshold = same.Key;
        }

        return threshold;
    }

    private static HashSet<long> LearnableClasses(IEnumerable<(long Class, string Picture)> objects)
        => [.. objects.GroupBy(thing => thing.Class, thing => thing.Picture)
            .Where(own => own.Count() >= LeastObjects && own.Distinct(StringComparer.Ordinal).Count() >= LeastPictures).Select(own => own.Key)];

    /// <summary>The fold of each example's picture.</summary>
    private static int[] PartsOf(ObjectExample[] examples)
    {
        var order = examples.Select(example => example.Picture).Distinct(StringComparer.Ordinal)
            .OrderBy(name => BinaryPrimitives.ReadUInt64BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(name))))
            .ThenBy(name => name, StringComparer.Ordinal).Select((name, place) => (name, place)).ToDictionary(StringComparer.Ordinal);
        return [.. examples.Select(example => order[example.Picture] % Parts)];
    }

    private static ObjectClassifier Learn(ObjectExample[] examples, long?[] classes, CancellationToken cancellation)
    {
        var scaling = new Scaling([.. examples.Select(example => example.Features)]);
        var regression = SoftmaxRegression.Fit(
            [.. examples.Select(example => scaling.Apply(example.Features))],
            [.. examples.Select(example => Array.IndexOf(classes, example.Class))], classes.Length, Penalty, cancellation);
        return new ObjectClassifier(classes, scaling, regression);
    }

    private (long? Class, double Probability) MostProbable(IReadOnlyList<float> features)
    {
        double[] shares = _regression.Probabilities(_scaling.Apply(features));
        int most = TensorPrimitives.IndexOfMax<double>(shares);
        return (_classes[most], shares[.._classes.Count(known => known is not null)].Max());
    }

    /// <summary>Mean and 1 / standard deviation of each feature.</summary>
    private sealed class Scaling
    {
        /// <summary>Standard deviation up to which a feature counts as constant and is ignored.</summary>
        private const double LeastDeviation = 1e-6;

        private readonly double[] _mean, _factor;

        public Scaling(IReadOnlyList<float>[] examples)
        {
            (_mean, _factor) = (new double[examples[0].Count], new double[examples[0].Count]);
            for (int f = 0; f < _mean.Length; f++)
            {
                double mean = examples.Average(example => (double)example[f]);
                double deviation = Math.Sqrt(examples.Average(example => (example[f] - mean) * (example[f] - mean)));
                _mean[f] = mean;
                _factor[f] = deviation > LeastDeviation ? 1 / deviation : 0;
            }
        }

        public double[] Apply(IReadOnlyList<float> features)
        {
            if (features.Count != _mean.Length)
                throw new ArgumentException($"{features.Count} features where {_mean.Length} are expected", nameof(features));
            double[] scaled = new double[_mean.Length];
            for (int f = 0; f < scaled.Length; f++)
                scaled[f] = (features[f] - _mean[f]) * _factor[f];
            double length = TensorPrimitives.Norm<double>(scaled);
            if (length > 0)
                TensorPrimitives.Divide(scaled, length, scaled);
            return scaled;
        }
    }
}
