using System.Diagnostics;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using PocketSam.Kernels;
using PocketSam.Kernels.Products;
using PocketSam.Kernels.Vectors;
using PocketSam.Models;
using PocketSam.Segmentation;
using PocketSam.Tensors;
using PocketSam.Training.Data;
using PocketSam.Training.Data.Scenes;
using PocketSam.Training.Optimization;
using Tensor = PocketSam.Tensors.Tensor;

namespace PocketSam.Training.Benchmarks;

/// <summary>
/// Measures speeds as fractions of the multiply-add peak. The peak is measured again before each thing, since a shared
/// machine does not stay as fast as it was.
/// </summary>
/// <param name="threads">Threads of what uses all.</param>
/// <param name="runs">Runs of each thing; the median counts.</param>
/// <param name="progress">Told what is being measured.</param>
/// <param name="cancellation">Looked at between runs.</param>
public sealed class Benchmark(int threads, int runs, IProgress<string> progress, CancellationToken cancellation)
{
    /// <summary>Side of the picture, pictures and most masks of each in the measured training step.</summary>
    private const int StepSize = 256, StepPictures = 8, StepMasks = 8;

    /// <summary>Tokens of a click or of a box.</summary>
    private const int PromptTokens = 2;

    /// <summary>Prompts that are decoded together: a grid of 8 x 8 points.</summary>
    private const int ManyPrompts = 64;

    private readonly List<double> _peaks = [];

    /// <summary>Bits of the vectors in use.</summary>
    public static int SimdBits => 32 * Simd.Width;

    /// <summary>Median of the peaks of all threads that were measured on the way.</summary>
    public double Peak => Median(_peaks);

    /// <summary>
    /// <see cref="Sam.Resolve"/>, but an architecture by its name too, with random weights: how fast a network is does not
    /// depend on them.
    /// </summary>
    /// <param name="name"><c>default</c>, a file, or a name of the <see cref="ModelZoo"/>.</param>
    public static Sam ModelOf(string name)
        => !File.Exists(name) && ModelZoo.Find(name) is { } config
            ? Sam.Over(SamModel.Create(config, seed: 1)) : Sam.Resolve(name);

    /// <summary>The multiply-add peak at this moment, GFLOP/s.</summary>
    /// <param name="threads">Threads that work at once.</param>
    public static double MeasurePeak(int threads) => FmaPeak.Measure(threads);

    /// <summary>The products of TinyViT-5M at 1024x1024, one by one and all together, on that many threads.</summary>
    public IEnumerable<Measurement> Products(int on)
    {
        double total = 0, time = 0, best = 0;
        foreach (GemmShape shape in GemmShape.TinyVit5M)
        {
            progress.Report($"{shape.Name} on {on} threads");
            Measurement m = Product(shape, on, out double peak);
            total += shape.Count * shape.Flops;
            time += shape.Count * m.MedianMs;
            best += shape.Count * shape.Flops / peak;
            yield return m;
        }

        // Together: the time at the peak over the time it took.
        yield return new Measurement("gemm, all of TinyViT-5M at 1024", on, time, total / 1e9, best / 1e6 / time, 0);
    }

    /// <summary>Encoding and one prompt.</summary>
    public IEnumerable<Measurement> Inference(Sam sam)
    {
        int size = sam.Config.ImageSize;
        progress.Report($"encoder at {size}");
        RgbImage image = new SceneGenerator(new SceneOptions { Width = 512, Height = 512 }).Generate(1).Image;
        ImageEmbedding? photo = null;
        yield return Measure(
            $"encode, {sam.Config.Name} at {size}", threads, 2 * Flops.Encoder(sam.Config, size),
            () =>
            {
                photo?.Dispose();
                photo = sam.Encode(image);
            });
        progress.Report("decoder, one prompt");
        yield return Measure(
            $"decode one click, {sam.Config.Name} at {size}", threads,
            2 * Flops.BatchedDecoder(sam.Config, size, PromptTokens, sam.Config.NumMultimaskOutputs),
            () => sam.Predict(photo!, Prompt.Point(256, 256)));
        photo!.Dispose();
    }

    /// <summary>
    /// The mask decoder at the model's own input size: one click and many, these with and without their masks, and the
    /// plain decoder on the same. Times are those of one prompt; what all prompts share is prepared beforehand.
    /// </summary>
    public IEnumerable<Measurement> Decoder(Sam sam)
    {
        SamModel model = sam.Model;
        SamConfig config = model.Config;
        int size = config.ImageSize, side = size / SamConfig.EmbeddingStride, masks = config.NumMultimaskOutputs;
        BatchedMaskDecoder decoder = model.BatchedDecoder;
        Tensor embedding = Tensor.From(
            Random((long)side * side * config.FeatureChannels).AsSpan(0, side * side * config.FeatureChannels),
            1, side, side, config.FeatureChannels);
        PromptToken[] tokens =
        [
            .. Enumerable.Range(0, ManyPrompts).SelectMany<int, PromptToken>(i =>
            [
                new((i % 8 + 0.5f) * size / 8, (i / 8 + 0.5f) * size / 8, PointLabel.Foreground), PromptToken.Padding,
            ]),
        ];
        string name = $"{config.Name} at {size}";
        PreparedImage image = decoder.Prepare(embedding);
        yield return Measure(
            $"prepare a picture for decoding, {name}", threads, 0, () => image = decoder.Prepare(embedding));
        yield return Decode($"decode 1 prompt, {masks} masks, {name}", 1, masks);
        yield return Decode($"decode {ManyPrompts} prompts, predicted IoU, {name}", ManyPrompts, 0);
        yield return Decode($"decode {ManyPrompts} prompts, {masks} masks, {name}", ManyPrompts, masks);
        progress.Report("plain decoder");
        yield return Measure(
            $"plain decoder, {ManyPrompts} prompts, {name}", threads, 2 * Flops.Decoder(config, size, PromptTokens),
            ManyPrompts,
            () =>
            {
                // Two at once: more have their image rows in memory, not in the cache.
                for (int i = 0; i < ManyPrompts; i += 2)
                {
                    using Tape tape = Tape.Inference();
                    model.Decode(embedding, tokens.AsSpan(i * PromptTokens, 2 * PromptTokens), 2, null);
                }
            });

        Measurement Decode(string what, int prompts, int wanted)
        {
            progress.Report(what);
            int limit = decoder.PromptsAtOnce(side, PromptTokens);
            return Measure(
                what, threads, 2 * Flops.BatchedDecoder(config, size, PromptTokens, wanted), prompts, () =>
                {
                    for (int i = 0; i < prompts; i += limit)
                    {
                        int count = Math.Min(limit, prompts - i);
                        using Tape tape = Tape.Inference();
                        DecodedPrompts decoded = decoder.Decode(
                            image, tokens.AsSpan(i * PromptTokens, count * PromptTokens), count, null);
                        MaskChoice[] choices =
                            [.. Enumerable.Range(0, count * wanted).Select(m => new MaskChoice(m / wanted, 1 + m % wanted))];
                        decoder.Upscale(decoded, choices);
                    }
                });
        }
    }

    /// <summary>All masks of a photo of 1024x683, by both modes, from the picture to run lengths.</summary>
    public IEnumerable<Measurement> Everything(Sam sam)
    {
        RgbImage image = new SceneGenerator(new SceneOptions { Width = 1024, Height = 683 }).Generate(1).Image;
        foreach (MaskGeneratorMode mode in Enum.GetValues<MaskGeneratorMode>())
        {
            string name = $"everything, {mode.ToString().ToLowerInvariant()} 32x32, {sam.Config.Name} at {sam.Config.ImageSize}";
            progress.Report(name);
            var generator = new MaskGenerator(sam, MaskGeneratorOptions.For(sam.Config) with { Mode = mode });
            yield return Measure(name, threads, 0, () => generator.Generate(image));
        }
    }

    /// <summary>A whole step of training, and steps of the image encoder alone.</summary>
    public IEnumerable<Measurement> Training()
    {
        yield return TrainingStep(ModelZoo.Pocket);
        yield return EncoderStep(ModelZoo.Pocket, size: 640, pictures: 4);
        yield return EncoderStep(ModelZoo.VitT, size: 512, pictures: 4);
        yield return EncoderStep(ModelZoo.VitT, size: 1024, pictures: 2);
    }

    /// <summary>
    /// Forward and backward of a batch with one round of correction, counted as three times the forward operations;
    /// data and optimiser are not part of it.
    /// </summary>
    private Measurement TrainingStep(SamConfig config)
    {
        progress.Report($"training step of {config.Name} at {StepSize}");
        SamModel model = SamModel.Create(config, seed: 1);
        model.State.SetTraining(true);
        var mix = new SourceMix([(new SceneSource(new SceneOptions()), 1)], new AugmentationOptions());
        TrainingSample[] samples =
        [
            .. Enumerable.Range(1, StepPictures).Select(i => TrainingSample.From(
                mix.Draw((ulong)i, StepSize), StepSize, StepMasks, (ulong)i)),
        ];
        int prompts = samples.Sum(s => 2 * s.Coverage.Length);
        double forward = StepPictures * Flops.Encoder(config, StepSize)
            + prompts * (Flops.Decoder(config, StepSize, PromptTokens) + Flops.Decoder(config, StepSize, PromptTokens + 1));
        var step = new TrainingStep(model);
        var optimizer = new Optimizer(model.State, new OptimizerOptions());
        return Measure($"training step, {config.Name} at {StepSize}, {StepPictures} pictures, {prompts} prompts", threads,
            3 * 2 * forward, () =>
            {
                step.Run(samples, StepSize, rounds: 1, MaskLossOptions.Start, seed: 1);
                optimizer.ClearGradients();
            });
    }

    /// <summary>
    /// Forward and backward of the image encoder alone and the optimiser, with the mean squared error of an embedding as
    /// the loss: a step of distillation on cached embeddings, counted as three times the forward operations.
    /// </summary>
    private unsafe Measurement EncoderStep(SamConfig config, int size, int pictures)
    {
        progress.Report($"encoder step of {config.Name} at {size}");
        SamModel model = SamModel.Create(config, seed: 1);
        model.State.SetTraining(true);
        int side = size / SamConfig.EmbeddingStride, count = pictures * side * side * config.FeatureChannels;
        float[] target = Random(count);
        RgbImage[] images = [.. Enumerable.Range(0, pictures).Select(_ => new RgbImage(size, size, new byte[size * size * 3]))];
        var optimizer = new Optimizer(model.State, new OptimizerOptions());
        return Measure(
            $"encoder step, {config.Name} at {size}, {pictures} pictures", threads,
            3 * 2 * (double)pictures * Flops.Encoder(config, size), () =>
            {
                using Tape tape = Tape.Record();
                Tensor embedding = model.ImageEncoder.Forward(
                    ImagePreparation.Normalize(images, size, config.Encoder), cancellation);
                var gradient = new Span<float>(Tape.GradientOf(embedding, out _), count);
                TensorPrimitives.Subtract(embedding.Span, target.AsSpan(0, count), gradient);
                TensorPrimitives.Multiply(gradient, 2f / count, gradient);
                tape.Backward();
                optimizer.Step(1e-4f);
            });
    }

    private unsafe Measurement Product(GemmShape shape, int on, out double peak)
    {
        float[] a = Random((long)shape.M * shape.K), b = Random((long)shape.K * shape.N), c = Random((long)shape.M * shape.N);
        fixed (float* pb = b)
        {
            float* left = Aligned(a), result = Aligned(c);
            PackedMatrix packed = PackedMatrix.From(pb, shape.N, 1, shape.K, shape.N);
            var gemm = new Gemm(left, shape.K, packed, result, shape.N, shape.M);
            Measurement m = Measure(
                $"gemm {shape.Name} {shape.M}x{shape.N}x{shape.K}", on, shape.Flops, gemm.Run, out peak);
            GC.KeepAlive(a);
            GC.KeepAlive(c);
            return m;
        }

        static float* Aligned(float[] memory) => Scratch.AlignUp((float*)Unsafe.AsPointer(ref memory[0]));
    }

    private Measurement Measure(string name, int on, double flops, Action action) => Measure(name, on, flops, action, out _);

    /// <summary>Measures something that does as many items at once, and tells what one of them takes.</summary>
    private Measurement Measure(string name, int on, double flops, int items, Action action)
    {
        Measurement all = Measure(name, on, flops * items, action, out _);
        return all with { MedianMs = all.MedianMs / items, Gflop = all.Gflop / items };
    }

    private Measurement Measure(string name, int on, double flops, Action action, out double peak)
    {
        using Workers.Scope scope = Workers.Limit(on);
        action();
        List<double> times = [], allocated = [];
        var peaks = new List<double> { FmaPeak.Measure(on) };
        long begin = Stopwatch.GetTimestamp();
        while (times.Count < runs || Stopwatch.GetElapsedTime(begin).TotalMilliseconds < 200)
        {
            cancellation.ThrowIfCancellationRequested();
            long bytes = GC.GetTotalAllocatedBytes(), start = Stopwatch.GetTimestamp();
            action();
            times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            allocated.Add((GC.GetTotalAllocatedBytes() - bytes) / 1e6);
        }

        peaks.Add(FmaPeak.Measure(on));
        peak = peaks.Average();
        if (on == threads)
            _peaks.Add(peak);
        double median = Median(times);
        return new Measurement(name, on, median, flops / 1e9, flops / 1e6 / median / peak, Median(allocated));
    }

    private static double Median(List<double> values) => values.Count == 0 ? 0 : values.Order().ElementAt(values.Count / 2);

    private static float[] Random(long count)
    {
        var random = new Random(1);
        float[] values = GC.AllocateUninitializedArray<float>(checked((int)count + 16), pinned: true);
        for (int i = 0; i < values.Length; i++)
            values[i] = random.NextSingle() - 0.5f;
        return values;
    }
}
