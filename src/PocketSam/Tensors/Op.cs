namespace PocketSam.Tensors;

/// <summary>
/// One step of a computation: a formula with its forward and backward pass. The constructor takes the inputs;
/// <see cref="Tape.Run"/> supplies the output.
/// </summary>
internal abstract class Op
{
    private static readonly IReadOnlyDictionary<string, object> None = new Dictionary<string, object>();

    /// <summary>Name of the operation, the same for all ops of a kind.</summary>
    public abstract string Name { get; }

    /// <summary>
    /// Parameters of the operation other than its inputs, by name: numbers (<see cref="int"/>, <see cref="float"/>,
    /// <see cref="bool"/>), names (<see cref="string"/>) and tables (<c>int[]</c>).
    /// </summary>
    public virtual IReadOnlyDictionary<string, object> Attributes => None;

    /// <summary>Multiply-adds of the products in the forward pass, as counted by <c>Models.Flops</c>.</summary>
    public virtual long MultiplyAdds => 0;

    /// <summary>Why the op has no gradient; null if it has one.</summary>
    public virtual string? NoGradient => null;

    /// <summary>Fills the output <paramref name="y"/>.</summary>
    public abstract void Forward(Tensor y);

    /// <summary>Adds to the gradients of the inputs, given the gradient of the output <paramref name="y"/>.</summary>
    public virtual void Backward(Tensor y) => throw new InvalidOperationException(NoGradient);
}
