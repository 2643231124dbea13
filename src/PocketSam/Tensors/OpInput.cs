namespace PocketSam.Tensors;

/// <summary>What an op reads: a tensor, a weight, or nothing where an optional input is not given.</summary>
internal readonly struct OpInput
{
    private OpInput(Tensor? tensor, Weight? weight) => (Tensor, Weight) = (tensor, weight);

    /// <summary>The tensor; null for a weight given as such and for nothing.</summary>
    public Tensor? Tensor { get; }

    /// <summary>The weight, also where its values were given as a tensor; null for what was computed and for nothing.</summary>
    public Weight? Weight { get; }

    public bool WantsGradient => Tensor?.WantsGradient ?? Weight?.WantsGradient ?? false;

    public static implicit operator OpInput(Tensor? tensor) => new(tensor, tensor?.Buffer.Weight);

    public static implicit operator OpInput(Weight? weight) => new(null, weight);
}
