using PocketSam.Training.Data;

namespace PocketSam.Training.Evaluation;

/// <summary>The options of an <see cref="AgreementEvaluator"/>.</summary>
public sealed record AgreementOptions
{
    /// <summary>The protocols, each at most once; by default <see cref="AgreementProtocol.All"/>.</summary>
    public IReadOnlyList<AgreementProtocol> Protocols { get; init; } = AgreementProtocol.All;

    /// <summary>
    /// The smallest area of a mask, in pixels at the size that the data set states, at least 1; smaller masks are
    /// skipped. 1024 by default.
    /// </summary>
    public int MinArea { get; init; } = 1024;

    /// <summary>
    /// The number of masks to measure, the first of the data set; at least 1. Null (the default) for all.
    /// </summary>
    public int? MaxMasks { get; init; }

    /// <summary>
    /// Side of the student's input in pixels, a multiple of 64 from 64 to 4096; null (the default) for the student's
    /// own.
    /// </summary>
    public int? ImageSize { get; init; }

    /// <summary>Side of the teacher's input, likewise.</summary>
    public int? TeacherImageSize { get; init; }

    /// <summary>The seed of the background points.</summary>
    public ulong Seed { get; init; }

    /// <summary>
    /// Collects pictures that cannot be used, which are left out; null (the default) to fail at the first.
    /// </summary>
    public PictureFailures? Failures { get; init; }

    /// <summary>Throws if an option is out of range, or not possible for these models.</summary>
    internal void Validate(SamConfig student, SamConfig teacher)
    {
        if (Protocols.Count == 0 || Protocols.Distinct().Count() != Protocols.Count)
            throw new ArgumentException("an evaluation needs protocols, each at most once");
        ArgumentOutOfRangeException.ThrowIfLessThan(MinArea, 1);
        if (MaxMasks is { } masks)
            ArgumentOutOfRangeException.ThrowIfLessThan(masks, 1, nameof(MaxMasks));
        student.ValidateInputSize(ImageSize ?? student.ImageSize);
        teacher.ValidateInputSize(TeacherImageSize ?? teacher.ImageSize);
    }
}
