namespace PocketSam.Tensors;

/// <summary>An input of an op: a tensor, a weight, or nothing for an optional input that is not given.</summary>
internal readonly struct OpInput
{
    private OpInput(Tensor? tensor, Weight? weight) => (Tensor, Weight) = (tensor, weight);

    /// <summary>The tensor; null for an input given as a weight and for nothing.</summary>
    public Tensor? Tensor { get; }

    /// <summary>
    /// The weight, also if its values were given as a tensor; null for computed tensors and for nothing.
    /// </summary>
    public Weight? Weight { get; }

    public bool WantsGradient => Tensor?.WantsGradient ?? Weight?.WantsGradient ?? false;

    public static implicit operator OpInput(Tensor? tensor) => new(tensor, tensor?.Buffer.Weight);

    public static implicit operator OpInput(Weight? weight) => new(null, weight);
}
