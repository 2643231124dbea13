namespace PocketSam.Tensors;

/// <summary>Receives every op that a tape and its nested tapes run forward, in order, on the tape's thread.</summary>
internal abstract class TapeListener
{
    /// <summary>
    /// Whether the listener wants single ops: blocks then compose the
    /// ops that they would otherwise fuse, as on a tape that records.
    /// </summary>
    public virtual bool WantsSingleOps => false;

    /// <summary>
    /// Whether ops compute. If not, outputs have a shape and no
    /// memory, so a network of any size is described in milliseconds.
    /// </summary>
    public virtual bool WantsValues => true;

    /// <summary>Called before an op's forward pass; its output has memory if <see cref="WantsValues"/>.</summary>
    public virtual void Starting(Op op)
    {
    }

    /// <summary>
    /// Computes an op in its place, for example to simulate other arithmetic, and fills the output. The backward pass
    /// remains that of the op.
    /// </summary>
    /// <param name="op">The op, which has not run.</param>
    /// <param name="layer">Key of the layer; empty for none.</param>
    /// <param name="inputs">The inputs, in the op's order.</param>
    /// <param name="output">The tensor to fill.</param>
    /// <returns>Whether the listener computed the op.</returns>
    public virtual bool Computes(Op op, string layer, ReadOnlySpan<OpInput> inputs, Tensor output) => false;

    /// <summary>
    /// Called in the backward pass when the gradient of an op's output is complete, before it is passed on.
    /// </summary>
    public virtual void Differentiating(Tensor output)
    {
    }

    /// <summary>Called when an op's output is complete.</summary>
    /// <param name="op">The op.</param>
    /// <param name="layer">Key of the layer; empty for none.</param>
    /// <param name="inputs">The inputs, in the op's order.</param>
    /// <param name="output">The output; one of the inputs if the op works in place.</param>
    public abstract void Finished(Op op, string layer, ReadOnlySpan<OpInput> inputs, Tensor output);
}
