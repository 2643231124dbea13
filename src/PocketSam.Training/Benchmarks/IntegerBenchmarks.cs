using PocketSam.Kernels.Integers;
using PocketSam.Kernels.Products;
using PocketSam.Models;

namespace PocketSam.Training.Benchmarks;

/// <summary>Measures matrix products of 8-bit integers against those of floats, and an encoder in both.</summary>
internal static unsafe class IntegerBenchmarks
{
    /// <summary>
    /// Rows, outputs and inputs of the matrix products of TinyViT-5M at an input of 1024 that take most of the time.
    /// </summary>
    private static readonly (string Name, int M, int N, int K)[] Shapes =
    [
        ("stage 1, fc1", 16_384, 512, 128), ("stage 1, fc2", 16_384, 128, 512), ("stage 2, qkv", 4_096, 480, 160),
        ("stage 2, fc1", 4_096, 640, 160), ("stage 2, fc2", 4_096, 160, 640), ("stage 3, qkv", 4_096, 960, 320),
        ("stage 3, fc1", 4_096, 1_280, 320), ("stage 3, fc2", 4_096, 320, 1_280),
    ];

    /// <summary>Measures each shape in floats and in integers, then the encoder in both, in turn.</summary>
    public static IEnumerable<Measurement> Run(Meter meter, Lazy<Sam> model)
    {
        foreach ((string name, int m, int n, int k) in Shapes)
        {
            float[] left = Values.Random(m * k), right = Values.Random(n * k), result = GC.AllocateUninitializedArray<float>(m * n, pinned: true);
            StoredTensor quantised = StoredTensor.Quantize(right, [n, k], IntegerForm.Narrow);
            PackedMatrix floats = Packed(right, n, k);
            QuantizedMatrix whole = QuantizedMatrix.From(quantised.ToSteps(), [.. quantised.Scales!], n, k);
            double operations = 2.0 * m * n * k;
            yield return meter.Measure($"floats, {name}", operations, () => Multiply(left, floats, result, m));
            yield return meter.Measure($"int8, {name}", operations, () => Multiply(left, whole, result, m), peakOf: IntegerPeak.Measure);
        }

        // A quantised model is measured in the floats that its integers stand for.
        Sam sam = model.Value;
        var weights = new Checkpoint(sam.Name, sam.Model.State.ToStored(DataType.Float32).ToDictionary(), sam.Model.Metadata());
        Sam inFloats = Over(weights), inIntegers = Over(ModelQuantizer.Quantize(weights, new QuantizationInfo { Arithmetic = QuantizedArithmetic.Int8 }));
        var picture = new RgbImage(sam.Config.ImageSize, sam.Config.ImageSize);
        double encoder = 2 * Flops.Encoder(sam.Config, sam.Config.ImageSize);
        string what = $"{sam.Config.Name} at {sam.Config.ImageSize}";
        foreach (Measurement m in meter.MeasureInTurn(
            encoder, ($"encode in floats, {what}", () => inFloats.Encode(picture, cancellation: meter.Cancellation).Dispose()),
            ($"encode in int8, {what}", () => inIntegers.Encode(picture, cancellation: meter.Cancellation).Dispose())))
        {
            yield return m;
        }
    }

    private static PackedMatrix Packed(float[] values, int n, int k)
    {
        fixed (float* v = values)
            return PackedMatrix.From(v, 1, k, k, n);
    }

    private static void Multiply(float[] left, PackedOperand right, float[] result, int m)
    {
        fixed (float* a = left, c = result)
            new Gemm(a, right.K, right, c, right.N, m).Run();
    }

    private static Sam Over(Checkpoint weights) => Sam.Over(SamModel.FromCheckpoint(weights, isFrozen: true));
}
