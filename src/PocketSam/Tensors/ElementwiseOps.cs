using PocketSam.Kernels.Vectors;

namespace PocketSam.Tensors;

/// <summary>Element-wise operations.</summary>
internal static unsafe class ElementwiseOps
{
    /// <summary>x Phi(x), the exact GELU.</summary>
    public static Tensor Gelu(this Tensor x) => Tape.Run(new Unary<Gelu, GeluGradient>("Gelu", x), x.Shape, x);

    /// <summary>max(x, 0)</summary>
    public static Tensor Relu(this Tensor x) => Tape.Run(new Unary<Relu, ReluGradient>("Relu", x), x.Shape, x);

    /// <summary>x + y, with equal element counts; the result has the shape of <paramref name="x"/>.</summary>
    /// <exception cref="ArgumentException">The element counts differ.</exception>
    public static Tensor Add(this Tensor x, Tensor y)
    {
        if (x.Count != y.Count)
            throw new ArgumentException($"cannot add {y} to {x}");
        return Tape.Run(new Addition(x, y), x.Shape, x, y);
    }

    /// <summary>x[r, :] + y[r % rows of y, :]: y is repeated along the leading dimension.</summary>
    /// <exception cref="ArgumentException"><paramref name="x"/> is not a whole number of
    /// <paramref name="y"/>.</exception>
    public static Tensor AddRepeated(this Tensor x, Tensor y)
    {
        int repeats = (int)(x.Count / y.Count);
        if (repeats * y.Count != x.Count)
            throw new ArgumentException($"cannot add {y} repeatedly to {x}");
        return Tape.Run(new RepeatedAddition(x, y, repeats), x.Shape, x, y);
    }

    /// <summary>y = f(x); dx = f'(x) dy</summary>
    private sealed class Unary<TForward, TBackward>(string name, Tensor x) : Op
        where TForward : struct, IUnary where TBackward : struct, IBinary
    {
        public override string Name => name;

        public override void Forward(Tensor y) => Elementwise.Map<TForward>(x.Data, y.Data, x.Count);

        public override void Backward(Tensor y)
        {
            float* dx = Tape.GradientOf(x, out bool accumulate);
            Elementwise.Zip<TBackward>(x.Data, y.Buffer.Gradient!.Data, dx, x.Count, accumulate);
        }
    }

    /// <summary>z = x + y; dx = dz, dy = dz</summary>
    private sealed class Addition(Tensor x, Tensor y) : Op
    {
        public override string Name => "Add";

        public override void Forward(Tensor z) => Elementwise.Zip<Sum>(x.Data, y.Data, z.Data, x.Count);

        public override void Backward(Tensor z)
        {
            float* dy = Tape.GradientOf(y, out bool accumulate);
            if (dy is not null)
                Elementwise.Map<Identity>(z.Buffer.Gradient!.Data, dy, y.Count, accumulate);
            Tape.PassGradient(z, x);
        }
    }

    /// <summary>z = x + (y, y, ...); dx = dz, dy = sum of dz over the repeats</summary>
    private sealed class RepeatedAddition(Tensor x, Tensor y, int repeats) : Op
    {
        public override string Name => "AddRepeated";

        public override void Forward(Tensor z)
        {
            nint count = y.Count;
            for (int r = 0; r < repeats; r++)
                Elementwise.Zip<Sum>(x.Data + r * count, y.Data, z.Data + r * count, count);
        }

        public override void Backward(Tensor z)
        {
            nint count = y.Count;
            float* dz = z.Buffer.Gradient!.Data, dy = Tape.GradientOf(y, out bool accumulate);
            for (int r = 0; r < repeats && dy is not null; r++)
                Elementwise.Map<Identity>(dz + r * count, dy, count, accumulate || r > 0);
            Tape.PassGradient(z, x);
        }
    }
}
