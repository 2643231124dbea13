namespace PocketSam.Tensors;

/// <summary>Several operations that are computed as one, without gradient.</summary>
/// <param name="name">Name of the fused operation.</param>
/// <param name="multiplyAdds">Multiply-adds of all operations.</param>
/// <param name="forward">Fills the output.</param>
internal sealed class FusedOp(string name, long multiplyAdds, Action<Tensor> forward) : Op
{
    public override string Name => name;

    public override long MultiplyAdds => multiplyAdds;

    public override string? NoGradient => $"{name} is for networks that are only used and has no gradient";

    public override void Forward(Tensor y) => forward(y);
}
