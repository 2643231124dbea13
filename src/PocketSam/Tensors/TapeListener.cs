namespace PocketSam.Tensors;

/// <summary>
/// Is told of every op that a tape and the tapes inside of it run forward, in order, on the tape's thread.
/// </summary>
internal abstract class TapeListener
{
    /// <summary>
    /// Whether single ops are wanted: blocks then run one by one what they would compute in one pass, as when a tape
    /// records.
    /// </summary>
    public virtual bool WantsSingleOps => false;

    /// <summary>
    /// Whether ops compute: where not, what they make has a shape and no values, so that a network of any size is described
    /// in no time.
    /// </summary>
    public virtual bool WantsValues => true;

    /// <summary>Its output has memory and its forward pass is next.</summary>
    public virtual void Starting(Op op)
    {
    }

    /// <summary>
    /// Computes an op in its place where the listener has its own way to, such as one that simulates other arithmetic: it then fills
    /// the output. What is recorded for the way back stays the op's own.
    /// </summary>
    /// <param name="op">The op, which has not run.</param>
    /// <param name="layer">As for <see cref="Finished"/>.</param>
    /// <param name="inputs">As for <see cref="Finished"/>.</param>
    /// <param name="output">What is to be filled.</param>
    /// <returns>Whether it did.</returns>
    public virtual bool Computes(Op op, string layer, ReadOnlySpan<OpInput> inputs, Tensor output) => false;

    /// <summary>The gradient of an op's output is there, on the way back of a tape that records, and passed on next.</summary>
    public virtual void Differentiating(Tensor output)
    {
    }

    /// <summary>The output is filled.</summary>
    /// <param name="op">The op.</param>
    /// <param name="layer">Key of the layer that it is part of; empty where it is part of none.</param>
    /// <param name="inputs">What it read, in the order of its kind.</param>
    /// <param name="output">What it wrote; one of the inputs where it works in place.</param>
    public abstract void Finished(Op op, string layer, ReadOnlySpan<OpInput> inputs, Tensor output);
}
