using PocketSam.Kernels.Integers;
using PocketSam.Tensors;

namespace PocketSam.Training.Quantization;

/// <summary>Computes the product of one layer with 8-bit integers, as a quantised model does.</summary>
/// <param name="key">Key of the layer on the tape.</param>
internal sealed class OneIntegerLayer(string key) : TapeListener
{
    /// <summary>
    /// Suffix of the convolution's key in a layer with batch norm; on the tape the two are one layer.
    /// </summary>
    private const string Convolution = ".c";

    private Weight? _weight;

    public override bool WantsSingleOps => true;

    /// <summary>The key on the tape of a checkpoint's layer.</summary>
    public static string TapeKey(string layer)
        => layer.EndsWith(Convolution, StringComparison.Ordinal) ? layer[..^Convolution.Length] : layer;

    public override bool Computes(Op op, string layer, ReadOnlySpan<OpInput> inputs, Tensor output)
    {
        if (layer != key || !ProductForm.Is(op))
            return false;
        Weight weight = inputs[1].Weight!;
        _weight ??= ToIntegers(weight);
        using Tape tape = ProductForm.UnobservedTape();
        ProductForm.Compute(op, inputs, inputs[0].Tensor!, _weight, output);
        return true;
    }

    public override void Finished(Op op, string layer, ReadOnlySpan<OpInput> inputs, Tensor output)
    {
    }

    private static Weight ToIntegers(Weight weight)
    {
        StoredTensor stored = StoredTensor.Quantize(weight.ToArray(), weight.Shape, IntegerForm.Narrow);
        return new Weight(new QuantizedValues(stored.ToSteps(), [.. stored.Scales!]), weight.Shape, weight.Key);
    }
}
