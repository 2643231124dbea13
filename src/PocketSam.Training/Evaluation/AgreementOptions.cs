using PocketSam.Training.Data;

namespace PocketSam.Training.Evaluation;

/// <summary>What an <see cref="AgreementEvaluator"/> compares.</summary>
public sealed record AgreementOptions
{
    /// <summary>What both models are asked, each at most once; by default <see cref="AgreementProtocol.All"/>.</summary>
    public IReadOnlyList<AgreementProtocol> Protocols { get; init; } = AgreementProtocol.All;

    /// <summary>
    /// Masks of fewer pixels, at the size the data set states, are passed over. At least 1; 1024 by default.
    /// </summary>
    public int MinArea { get; init; } = 1024;

    /// <summary>Only the first masks of the data set, at least 1; null (the default) for all.</summary>
    public int? MaxMasks { get; init; }

    /// <summary>
    /// Side of the student's input, a multiple of 64 from 64 to 4096; null (the default) for the student's own.
    /// </summary>
    public int? ImageSize { get; init; }

    /// <summary>The same of the teacher.</summary>
    public int? TeacherImageSize { get; init; }

    /// <summary>Chooses the background points.</summary>
    public ulong Seed { get; init; }

    /// <summary>Takes pictures that cannot be used, which are left out; null (the default) ends at the first.</summary>
    public PictureFailures? Failures { get; init; }

    /// <summary>Throws where an option is out of its range, or not for these models.</summary>
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
