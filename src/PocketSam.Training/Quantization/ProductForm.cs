using PocketSam.Kernels.Vectors;
using PocketSam.Tensors;

namespace PocketSam.Training.Quantization;

/// <summary>Linear layers and convolutions with operands in another form than the network's own.</summary>
internal static class ProductForm
{
    /// <summary>Whether an op is one of them.</summary>
    public static bool Is(Op op) => op.Name is "Linear" or "Conv2d";

    /// <summary>A computation that nobody outside listens to.</summary>
    public static Tape Unheard() => Tape.Inference(new Deaf());

    /// <summary>Computes an op with another input and other weights; bias, residual and activation are its own.</summary>
    /// <param name="op">The op.</param>
    /// <param name="inputs">What it reads.</param>
    /// <param name="x">What is read in place of its first input.</param>
    /// <param name="weight">What is read in place of its weights.</param>
    /// <param name="output">Is filled.</param>
    public static void Compute(Op op, ReadOnlySpan<OpInput> inputs, Tensor x, Weight weight, Tensor output)
    {
        Activation activation = Enum.Parse<Activation>((string)op.Attributes["activation"]);
        Tensor y = op.Name == "Linear"
            ? x.Linear(weight, inputs[2].Weight, inputs[3].Tensor, activation)
            : x.Conv2d(weight, inputs[2].Weight, (int)op.Attributes["stride"], (int)op.Attributes["padding"], activation);
        y.Span.CopyTo(output.Span);
    }

    private sealed class Deaf : TapeListener
    {
        public override void Finished(Op op, string layer, ReadOnlySpan<OpInput> inputs, Tensor output)
        {
        }
    }
}
