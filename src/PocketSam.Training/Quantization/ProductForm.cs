using PocketSam.Kernels.Vectors;
using PocketSam.Tensors;

namespace PocketSam.Training.Quantization;

/// <summary>Computes linear layers and convolutions with replaced operands.</summary>
internal static class ProductForm
{
    /// <summary>Whether an op is a linear layer or a convolution.</summary>
    public static bool Is(Op op) => op.Name is "Linear" or "Conv2d";

    /// <summary>A tape for computations that no outer listener sees.</summary>
    public static Tape UnobservedTape() => Tape.Inference(new NullListener());

    /// <summary>
    /// Computes an op with another input and other weights, and with its own bias, residual and activation.
    /// </summary>
    /// <param name="op">The op.</param>
    /// <param name="inputs">Inputs of the op.</param>
    /// <param name="x">Replacement for its first input.</param>
    /// <param name="weight">Replacement for its weights.</param>
    /// <param name="output">Receives the result.</param>
    public static void Compute(Op op, ReadOnlySpan<OpInput> inputs, Tensor x, Weight weight, Tensor output)
    {
        Activation activation = Enum.Parse<Activation>((string)op.Attributes["activation"]);
        Tensor y = op.Name == "Linear"
            ? x.Linear(weight, inputs[2].Weight, inputs[3].Tensor, activation)
            : x.Conv2d(weight, inputs[2].Weight, (int)op.Attributes["stride"], (int)op.Attributes["padding"], activation);
        y.Span.CopyTo(output.Span);
    }

    private sealed class NullListener : TapeListener
    {
        public override void Finished(Op op, string layer, ReadOnlySpan<OpInput> inputs, Tensor output)
        {
        }
    }
}
