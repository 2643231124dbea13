namespace PocketSam.Training.Words;

/// <summary>
/// Measures a model's own words on annotated pictures: words that are present, words that are absent, and another word
/// as a control.
/// </summary>
/// <param name="sam">The model, which has words.</param>
/// <param name="reader">Decodes pictures.</param>
public sealed class WordEvaluator(Sam sam, PictureReader reader)
{
    /// <summary>Measures the words of the model.</summary>
    /// <param name="pictures">Pictures with names.</param>
    /// <param name="progress">Receives the fraction done, 0 to 1.</param>
    /// <param name="cancellation">Checked between pictures.</param>
    /// <exception cref="ArgumentException">The model knows no words.</exception>
    /// <exception cref="IOException">A picture cannot be read.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellation"/> was cancelled.</exception>
    public WordReport Run(IReadOnlyList<NamedPicture> pictures, IProgress<double>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(pictures);
        if (sam.Words is not { } vocabulary)
            throw new ArgumentException($"{sam.Name} knows no words: 'pocketsam train-words' teaches it some");
        var generator = new MaskGenerator(sam, WordGrounder.MasksFor(sam.Config));
        var measure = new WordMeasure(vocabulary.Words, vocabulary.Threshold, vocabulary.PlaceOf);
        for (int i = 0; i < pictures.Count; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            NamedPicture picture = pictures[i];
            var right = picture.Names.Zip(picture.Image.Annotations).Where(a => a.First is not null)
                .Select(a => (Name: a.First!, Mask: Rle.Encode(a.Second.Decode()))).Where(a => a.Mask.Area > 0)
                .GroupBy(a => a.Name).ToDictionary(g => g.Key, g => g.Select(a => a.Mask).Aggregate(Rle.Union));
            RgbImage image = picture.Image.ReadPicture(reader);
            using ImageEmbedding embedding = sam.Encode(image, null, cancellation);
            GeneratedMask[] masks = [.. generator.Generate(image, embedding, null, cancellation).Where(mask => mask.Area > 0)];
            measure.Add(right, masks, [.. masks.Select(mask => embedding.Words!.Probabilities(mask.Segmentation))]);
            progress?.Report((i + 1.0) / pictures.Count);
        }

        return measure.Report();
    }
}
