using PocketSam.Kernels;

namespace PocketSam.Tensors;

/// <summary>Operations element by element.</summary>
internal static unsafe class ElementwiseOps
{
    /// <summary>x Phi(x), the exact GELU.</summary>
    public static Tensor Gelu(this Tensor x) => Unary<Gelu, GeluGradient>(x);

    /// <summary>max(x, 0)</summary>
    public static Tensor Relu(this Tensor x) => Unary<Relu, ReluGradient>(x);

    /// <summary>x + y, of equal shape.</summary>
    public static Tensor Add(this Tensor x, Tensor y)
    {
        if (x.Count != y.Count)
            throw new ArgumentException($"cannot add {y} to {x}");
        Tensor z = Tape.New(x.Shape, x, y);
        Elementwise.Zip<Sum>(x.Data, y.Data, z.Data, x.Count);
        Tape.Step(z, () =>
        {
            float* dy = Tape.GradientOf(y, out bool accumulate);
            if (dy is not null)
                Elementwise.Map<Identity>(z.Buffer.Gradient!.Data, dy, y.Count, accumulate);
            Tape.PassGradient(z, x);
        });
        return z;
    }

    /// <summary>x[r, :] + y[r % rows of y, :]: y is repeated along the leading dimension.</summary>
    public static Tensor AddRepeated(this Tensor x, Tensor y)
    {
        int repeats = (int)(x.Count / y.Count);
        if (repeats * y.Count != x.Count)
            throw new ArgumentException($"cannot add {y} repeatedly to {x}");
        Tensor z = Tape.New(x.Shape, x, y);
        nint count = y.Count;
        for (int r = 0; r < repeats; r++)
            Elementwise.Zip<Sum>(x.Data + r * count, y.Data, z.Data + r * count, count);
        Tape.Step(z, () =>
        {
            float* dz = z.Buffer.Gradient!.Data, dy = Tape.GradientOf(y, out bool accumulate);
            for (int r = 0; r < repeats && dy is not null; r++)
                Elementwise.Map<Identity>(dz + r * count, dy, count, accumulate || r > 0);
            Tape.PassGradient(z, x);
        });
        return z;
    }

    /// <summary>1 / (1 + e^-x)</summary>
    public static Tensor Sigmoid(this Tensor x)
    {
        Tensor y = Tape.New(x.Shape, x);
        Elementwise.Map<Logistic>(x.Data, y.Data, x.Count);
        Tape.Step(y, () =>
        {
            float* dx = Tape.GradientOf(x, out bool accumulate);
            Elementwise.Zip<LogisticGradient>(y.Data, y.Buffer.Gradient!.Data, dx, x.Count, accumulate);
        });
        return y;
    }

    private static Tensor Unary<TForward, TBackward>(Tensor x)
        where TForward : struct, IUnary where TBackward : struct, IBinary
    {
        Tensor y = Tape.New(x.Shape, x);
        Elementwise.Map<TForward>(x.Data, y.Data, x.Count);
        Tape.Step(y, () =>
        {
            float* dx = Tape.GradientOf(x, out bool accumulate);
            Elementwise.Zip<TBackward>(x.Data, y.Buffer.Gradient!.Data, dx, x.Count, accumulate);
        });
        return y;
    }
}
