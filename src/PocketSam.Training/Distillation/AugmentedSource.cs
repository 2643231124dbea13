using PocketSam.Models;
using PocketSam.Training.Data;
using PocketSam.Training.Data.Effects;

namespace PocketSam.Training.Distillation;

/// <summary>
/// Augmented pictures, with annotated masks or without, whose teacher embeddings are computed for each sample.
/// </summary>
public sealed class AugmentedSource : DistillationSource
{
    private readonly SourceMix _mix;

    /// <param name="mix">The pictures, masks and augmentation.</param>
    public AugmentedSource(SourceMix mix)
    {
        ArgumentNullException.ThrowIfNull(mix);
        _mix = mix;
    }

    /// <inheritdoc/>
    public override string Description => _mix.ToString();

    /// <inheritdoc/>
    public override bool HasMasks => _mix.HasMasks;

    /// <inheritdoc/>
    public override bool AllHaveMasks => _mix.AllHaveMasks;

    internal override void Check(SamModel teacher, string fingerprint, int teacherSize)
    {
    }

    internal override DistillationSample Make(
        ulong seed, ulong number, int size, int teacherSize, int masks, int sideMultiple)
    {
        ulong drawn = RandomStream.Scramble(seed ^ RandomStream.Scramble(number));
        (TrainingPicture picture, RgbImage? other) = _mix.Draw(
            drawn, size, sideMultiple, teacherSize == size ? null : (teacherSize, sideMultiple));
        return new DistillationSample(
            TrainingSample.From(picture, size, masks, RandomStream.Scramble(drawn)), other ?? picture.Image, null);
    }
}
