namespace PocketSam.Tensors;

/// <summary>
/// One step of a computation: a formula with its forward and backward pass. It is made with its inputs, and
/// <see cref="Tape.Run"/> gives it its output.
/// </summary>
internal abstract class Op
{
    private static readonly IReadOnlyDictionary<string, object> None = new Dictionary<string, object>();

    /// <summary>What it computes, the same for all of its kind.</summary>
    public abstract string Name { get; }

    /// <summary>
    /// What it computes with beside its inputs, by name: numbers (<see cref="int"/>, <see cref="float"/>,
    /// <see cref="bool"/>), names (<see cref="string"/>) and tables (<c>int[]</c>).
    /// </summary>
    public virtual IReadOnlyDictionary<string, object> Attributes => None;

    /// <summary>Multiply-adds of the forward pass: those of products, as <c>Models.Flops</c> counts them.</summary>
    public virtual long MultiplyAdds => 0;

    /// <summary>Why it has no gradient, or null where it has one.</summary>
    public virtual string? NoGradient => null;

    /// <summary>Fills the output.</summary>
    public abstract void Forward(Tensor y);

    /// <summary>Adds to the gradients of the inputs what follows from that of the output, which is there.</summary>
    public virtual void Backward(Tensor y) => throw new InvalidOperationException(NoGradient);
}
