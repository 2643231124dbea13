using System.Globalization;
using PocketSam.Training.Data.Effects;

namespace PocketSam.Training.Data;

/// <summary>Draws from several sources in proportion to their shares, and augments the pictures.</summary>
public sealed class SourceMix
{
    /// <summary>Number of consecutive pictures without a mask that counts as an error.</summary>
    private const int MaxDraws = 1000;

    private readonly (ITrainingSource Source, double Share)[] _sources;
    private readonly Augmentation _augmentation;
    private readonly double _total;
    private readonly bool _needsMasks;
    private readonly string _description;

    /// <param name="sources">The sources with their positive shares.</param>
    /// <param name="augmentation">Options of the augmentation.</param>
    /// <param name="needsMasks">Whether pictures without masks are refused. If not, those whose source has no masks of
    /// them are drawn like others, and only embeddings can be learned from them.</param>
    /// <exception cref="ArgumentException">There is no source, a share is not positive, or a source has no masks and
    /// needs them.</exception>
    public SourceMix(
        IReadOnlyList<(ITrainingSource Source, double Share)> sources, AugmentationOptions augmentation, bool needsMasks = true)
    {
        ArgumentNullException.ThrowIfNull(sources);
        if (sources.Count == 0)
            throw new ArgumentException("training needs at least one source of pictures");
        foreach ((ITrainingSource source, double share) in sources)
        {
            if (!(share > 0) || double.IsInfinity(share))
                throw new ArgumentException($"the share of {source.Name} is {share}; it must be positive");
            if (needsMasks && !source.HasMasks)
                throw new ArgumentException($"{source.Name}: no picture has a mask to train on");
        }

        _sources = [.. sources];
        _total = _sources.Sum(s => s.Share);
        _needsMasks = needsMasks;
        _augmentation = new Augmentation(augmentation);
        _description = string.Create(
            CultureInfo.InvariantCulture,
            $"sources {string.Join(' ', _sources.Select(s => FormattableString.Invariant($"{s.Source.Name}={s.Share}")))} " +
            $"{augmentation}");
    }

    /// <summary>Whether any picture has masks.</summary>
    public bool HasMasks => _sources.Any(s => s.Source.HasMasks);

    /// <summary>Whether every picture that is drawn has masks.</summary>
    public bool AllHaveMasks => _needsMasks || _sources.All(s => s.Source.AllHaveMasks);

    /// <summary>
    /// Draws the picture of a random number, augmented to a longest side of <paramref name="size"/>; a picture of whose
    /// masks none remains is replaced by another.
    /// </summary>
    /// <exception cref="DataFormatException">No drawn picture keeps a mask.</exception>
    /// <param name="seed">The random number; the same number gives the same picture.</param>
    /// <param name="size">Longest side in pixels.</param>
    /// <param name="sideMultiple">Both sides are multiples of this.</param>
    public TrainingPicture Draw(ulong seed, int size, int sideMultiple = 1) => Draw(seed, size, sideMultiple, null).Picture;

    /// <summary>
    /// Draws the picture of a random number, and if another size is given also its image at that size with the same
    /// augmentation.
    /// </summary>
    /// <exception cref="DataFormatException">No drawn picture keeps a mask.</exception>
    internal (TrainingPicture Picture, RgbImage? Other) Draw(
        ulong seed, int size, int sideMultiple, (int Size, int SideMultiple)? otherSize)
    {
        var random = new RandomStream(seed);
        for (int i = 0; i < MaxDraws; i++)
        {
            double place = random.NextFloat() * _total;
            int chosen = 0;
            while (chosen < _sources.Length - 1 && place >= _sources[chosen].Share)
                place -= _sources[chosen++].Share;
            TrainingPicture source = _sources[chosen].Source.Draw(random.NextBits());
            ulong augmentation = random.NextBits();
            TrainingPicture picture = _augmentation.Apply(source, size, augmentation, sideMultiple);
            if (picture.Masks.Count > 0 || (!_needsMasks && source.Masks.Count == 0))
            {
                return (
                    picture,
                    otherSize is { } other
                        ? _augmentation.Apply(source, other.Size, augmentation, other.SideMultiple).Image : null);
            }
        }

        throw new DataFormatException(
            string.Join(", ", _sources.Select(s => s.Source.Name)),
            $"{MaxDraws} pictures in a row had no mask large enough to train on");
    }

    /// <summary>
    /// Sources, shares and augmentation as one line of text; together with a seed they determine the picture.
    /// </summary>
    public override string ToString() => _description;
}
