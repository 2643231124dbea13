namespace PocketSam.Training.Distillation;

/// <summary>Where a distillation takes its pictures from. Called from several threads.</summary>
public abstract class DistillationSource
{
    /// <summary>What the pictures that follow from a seed depend on, as a line of text.</summary>
    public abstract string Description { get; }

    /// <summary>Whether every picture comes with marked masks, which prompts are drawn from.</summary>
    public abstract bool HasMasks { get; }

    /// <summary>Throws where embeddings it holds are not that teacher's at that input size.</summary>
    /// <exception cref="DataFormatException">They are another's.</exception>
    internal abstract void Check(Models.SamModel teacher, string fingerprint, int teacherSize);

    /// <summary>The sample of a number; the same seed and number always give the same.</summary>
    /// <param name="seed">Of the training.</param>
    /// <param name="number">Which sample, from 0 on.</param>
    /// <param name="size">Side of the student's input.</param>
    /// <param name="teacherSize">Side of the teacher's.</param>
    /// <param name="masks">Most masks.</param>
    /// <param name="sideMultiple">What the sides of the picture in both inputs are multiples of.</param>
    /// <exception cref="DataFormatException">The picture is missing or broken.</exception>
    internal abstract DistillationSample Make(ulong seed, ulong number, int size, int teacherSize, int masks, int sideMultiple);
}
