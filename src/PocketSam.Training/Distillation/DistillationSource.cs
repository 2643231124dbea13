namespace PocketSam.Training.Distillation;

/// <summary>The source of the pictures of a distillation. Implementations are called from several threads.</summary>
public abstract class DistillationSource
{
    /// <summary>A line of text with all that determines the sequence of pictures, besides the seed.</summary>
    public abstract string Description { get; }

    /// <summary>Whether any picture has annotated masks, which prompts are drawn from.</summary>
    public abstract bool HasMasks { get; }

    /// <summary>Whether every picture has annotated masks; only embeddings can be learned from the others.</summary>
    public abstract bool AllHaveMasks { get; }

    /// <summary>Checks that stored embeddings are those of the teacher at its input size.</summary>
    /// <exception cref="DataFormatException">They are of another teacher or input size.</exception>
    internal abstract void Check(Models.SamModel teacher, string fingerprint, int teacherSize);

    /// <summary>Makes the sample with a number; the same seed and number always give the same sample.</summary>
    /// <param name="seed">The seed of the training.</param>
    /// <param name="number">Number of the sample, from 0.</param>
    /// <param name="size">Side of the student's input, in pixels.</param>
    /// <param name="teacherSize">Side of the teacher's input, in pixels.</param>
    /// <param name="masks">The most masks.</param>
    /// <param name="sideMultiple">The sides of the resized pictures are multiples of this.</param>
    /// <exception cref="DataFormatException">The picture is missing or damaged.</exception>
    internal abstract DistillationSample Make(ulong seed, ulong number, int size, int teacherSize, int masks, int sideMultiple);
}
