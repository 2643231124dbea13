using PocketSam.Training.Data.Effects;

namespace PocketSam.Training.Data;

/// <summary>Several sources, each drawn from in proportion to its share, and the augmentation of what they give.</summary>
public sealed class SourceMix
{
    private readonly (ITrainingSource Source, double Share)[] _sources;
    private readonly Augmentation _augmentation;
    private readonly double _total;

    /// <param name="sources">Sources with positive shares.</param>
    /// <param name="augmentation">Strength of the augmentation.</param>
    /// <exception cref="ArgumentException">There is no source, or a share is not positive.</exception>
    public SourceMix(IReadOnlyList<(ITrainingSource Source, double Share)> sources, AugmentationOptions augmentation)
    {
        ArgumentNullException.ThrowIfNull(sources);
        if (sources.Count == 0)
            throw new ArgumentException("training needs at least one source of pictures");
        foreach ((ITrainingSource source, double share) in sources)
        {
            if (!(share > 0) || double.IsInfinity(share))
                throw new ArgumentException($"the share of {source.Name} is {share}; it must be positive");
        }

        _sources = [.. sources];
        _total = _sources.Sum(s => s.Share);
        _augmentation = new Augmentation(augmentation);
    }

    /// <summary>
    /// The picture that belongs to a random number, augmented so that its longest side is <paramref name="size"/>; one
    /// that has lost all its masks is replaced by another.
    /// </summary>
    public TrainingPicture Draw(ulong seed, int size)
    {
        var random = new RandomStream(seed);
        while (true)
        {
            double place = random.NextFloat() * _total;
            int i = 0;
            while (i < _sources.Length - 1 && place >= _sources[i].Share)
                place -= _sources[i++].Share;
            TrainingPicture source = _sources[i].Source.Draw(random.NextBits());
            TrainingPicture picture = _augmentation.Apply(source, size, random.NextBits());
            if (picture.Masks.Count > 0)
                return picture;
        }
    }
}
