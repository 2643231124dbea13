using PocketSam.Models;
using PocketSam.Segmentation;
using PocketSam.Tensors;
using PocketSam.Training.Data.Effects;
using PocketSam.Training.Optimization;

namespace PocketSam.Training.Distillation;

/// <summary>Forward and backward pass of one batch.</summary>
/// <param name="student">The model that is trained.</param>
/// <param name="teacher">The model that it learns from.</param>
/// <param name="options">The options, with <see cref="DistillationOptions.TeacherSize"/> set.</param>
/// <param name="source">The source of samples.</param>
internal sealed class DistillationStep(
    SamModel student, SamModel teacher, DistillationOptions options, DistillationSource source) : ITrainingStep<DistillationSample>
{
    public int SizeMultiple => student.Config.Encoder.InputMultiple;

    public DistillationSample Draw(int stage, int size, ulong seed, ulong number) => source.Make(
        seed, number, size, options.TeacherSize!.Value, options.MasksPerImage,
        Math.Max(teacher.Config.Encoder.SideMultiple, student.Config.Encoder.SideMultiple));

    /// <summary>Adds the gradients of the mean loss over all pictures, prompts and rounds.</summary>
    public IStepResult Run(int stage, int size, IReadOnlyList<DistillationSample> samples, ulong seed)
    {
        DistillationStage place = options.Stages[stage] with { Size = size, SmallestSize = size };
        bool trainsEncoder = place.Scheme.TrainsEncoder();
        student.State.SetTraining(
            entry => entry.Key.StartsWith("image_encoder.", StringComparison.Ordinal)
                ? trainsEncoder
                : place.Scheme.TrainsDecoder() && entry.Key.StartsWith("mask_decoder.", StringComparison.Ordinal),
            batchStatistics: trainsEncoder);
        var buckets = GradientBuckets.Of(options.Ranks, student.State, options.Optimizer);
        DistillationLosses losses = Run(samples, place, seed, buckets);
        buckets?.Complete();
        return losses;
    }

    private unsafe DistillationLosses Run(
        IReadOnlyList<DistillationSample> samples, DistillationStage stage, ulong seed, GradientBuckets? buckets)
    {
        DistillationWeights weights = options.WeightsOf(stage);
        int side = stage.Size / SamConfig.EmbeddingStride, channels = student.Config.PromptEmbedDim;
        int count = side * side * channels;
        bool usesTeacher = weights.Embedding > 0 || weights.UsesTeacher;
        float[][] known = usesTeacher ? TeacherEmbeddings(samples) : [];
        bool trainsEncoder = stage.Scheme.TrainsEncoder();

        using Tape tape = trainsEncoder
            ? Tape.Record(sum: options.Ranks is { } ranks ? ranks.Sum : null, watcher: buckets) : Tape.Inference();
        Tensor embeddings = student.ImageEncoder.Forward(
            ImagePreparation.Normalize([.. samples.Select(s => s.Sample.Image)], stage.Size, student.Config.Encoder));
        float* gradient = null;
        if (trainsEncoder)
        {
            gradient = Tape.GradientOf(embeddings, out _);
            new Span<float>(gradient, checked((int)embeddings.Count)).Clear();
        }

        var losses = new DistillationLosses(stage);
        if (weights.Decodes)
            Decode(samples, embeddings, known, stage, weights, gradient, seed, losses);
        if (weights.Embedding > 0 && trainsEncoder)
        {
            int stride = teacher.Config.FeatureChannels;
            var resampler = new MapResampler((int)Math.Sqrt(known[0].Length / stride), side);
            float[][] wanted = [.. known.Select(values =>
            {
                float[] map = new float[count];
                resampler.Run(Embedding(values, stride, channels), map, channels);
                return map;
            })];
            MaskRegion[] regions =
                [.. samples.Select(s => MaskRegion.Of(s.Sample.Image, stage.Size, SamConfig.EmbeddingStride))];
            double own = EmbeddingLoss.Apply(
                embeddings, wanted, regions, stage.BatchSize, squared: stage.Scheme == DistillationScheme.Decoupled, weights.Embedding,
                gradient);
            losses.AddEmbedding(weights.Embedding * OfAll([own])[0]);
        }

        if (trainsEncoder)
            tape.Backward();
        return losses;
    }

    /// <summary>The embedding without the high-resolution features that some encoders output beside it.</summary>
    private static float[] Embedding(float[] features, int stride, int channels)
    {
        if (stride == channels)
            return features;
        float[] embedding = new float[features.Length / stride * channels];
        for (int row = 0; row < features.Length / stride; row++)
            features.AsSpan(row * stride, channels).CopyTo(embedding.AsSpan(row * channels));
        return embedding;
    }

    /// <summary>The teacher's embeddings, computed for samples that do not have one.</summary>
    private float[][] TeacherEmbeddings(IReadOnlyList<DistillationSample> samples)
    {
        int size = options.TeacherSize!.Value;
        return
        [
            .. samples.Select(sample =>
            {
                if (sample.Embedding is { } cached)
                    return cached;
                using Tape tape = Tape.Inference();
                return teacher.ImageEncoder.Forward(ImagePreparation.Normalize([sample.ForTeacher!], size, teacher.Config.Encoder)).Span.ToArray();
            }),
        ];
    }

    private unsafe void Decode(
        IReadOnlyList<DistillationSample> samples, Tensor embeddings, float[][] known, DistillationStage stage,
        DistillationWeights weights, float* gradient, ulong seed, DistillationLosses losses)
    {
        int rounds = options.RoundsOf(seed), first = options.PartOf(stage.BatchSize).First;
        int prompts = (int)OfAll([samples.Sum(s => 2 * s.Sample.Coverage.Length)])[0];
        if (prompts == 0)
            return;
        int learned = options.Sampling == PromptSampling.Disagreement ? rounds + 1 : 1;
        var picture = new PictureDistillation(
            student, teacher, options, new PromptLoss(weights, options.Focal ? MaskLossOptions.Sam : MaskLossOptions.Default, options.HardMaskWeighting),
            weights.UsesTeacher, rounds, 1f / (prompts * learned));

        PictureLosses[] parts = PictureByPicture.Run(embeddings, gradient, (i, embedding) => picture.Run(
            samples[i].Sample, stage.Size, embedding, weights.UsesTeacher ? known[i] : null,
            RandomStream.Scramble(seed + (ulong)(first + i))));
        losses.Add(PictureLosses.From(OfAll(PictureLosses.Total(parts).ToSums())), prompts, learned, weights);
    }

    /// <summary>Sums over all processes, in place; each process has a part of the batch.</summary>
    private double[] OfAll(double[] sums)
    {
        options.Ranks?.Sum(sums);
        return sums;
    }
}
