using PocketSam.Kernels.Image;
using PocketSam.Models;
using PocketSam.Segmentation;
using PocketSam.Tensors;
using PocketSam.Training.Data;
using PocketSam.Training.Distillation;
using PocketSam.Training.Optimization;
using static PocketSam.Training.Tests.Distillation.Distillations;

namespace PocketSam.Training.Tests.Distillation;

public sealed class CachedSourceTests
{
    /// <summary>What 10 bits behind the leading one keep.</summary>
    private const float HalfTolerance = 1f / 2048;

    [Theory]
    [InlineData(64)]
    [InlineData(128)]
    public void What_is_cached_is_what_the_teacher_computes(int teacherSize)
    {
        using var folder = new PictureFolder(2, inputSize: teacherSize);
        using EmbeddingCache cache = EmbeddingCache.Open(folder.Cache);
        CachedSource source = folder.Open(cache);
        DistillationStage stage = new(Size, 1, 2, DistillationScheme.FullStage);
        var step = new DistillationStep(
            SamModel.Create(ModelZoo.Nano, seed: 3), Teacher.Model, Options(stage) with { TeacherSize = teacherSize }, source);
        DistillationSample[] cached = [.. Enumerable.Range(0, 2).Select(i => source.Make(1, (ulong)i, Size, teacherSize, 2, 1))];
        DistillationSample[] computed = [.. cached.Select(s => s with { Embedding = null, ForTeacher = Resized(s, teacherSize) })];

        using (Tape tape = Tape.Inference())
        {
            for (int i = 0; i < 2; i++)
            {
                float[] expected = Teacher.Model.ImageEncoder.Forward(
                    ImagePreparation.Normalize([computed[i].ForTeacher!], teacherSize, Teacher.Config.Encoder)).Span.ToArray();
                for (int k = 0; k < expected.Length; k++)
                    Assert.Equal(expected[k], cached[i].Embedding![k], HalfTolerance * Math.Max(1, Math.Abs(expected[k])));
            }
        }

        DistillationLosses one = Losses(cached), other = Losses(computed);
        Assert.Equal(other.Total, one.Total, 1e-3 * other.Total);
        Assert.Equal(other.Embedding, one.Embedding, 1e-3 * other.Embedding);
        Assert.Equal(other.Tokens, one.Tokens, 1e-3 * other.Tokens);

        DistillationLosses Losses(DistillationSample[] samples) => (DistillationLosses)step.Run(stage: 0, Size, samples, seed: 1);

        // The same picture at the teacher's size.
        RgbImage Resized(DistillationSample sample, int size) => ResizedPicture(
            Enumerable.Range(0, 2).Select(seed => folder[$"{seed}.picture"])
                .Single(path => ResizedPicture(path, Size).Pixels.SequenceEqual(sample.Sample.Image.Pixels)),
            size);
    }

    [Fact]
    public void Epochs_show_each_picture_once_in_an_order_of_their_own()
    {
        const int Pictures = 5;
        using var folder = new PictureFolder(Pictures);
        using EmbeddingCache cache = EmbeddingCache.Open(folder.Cache);
        CachedSource source = folder.Open(cache);
        string[] shown = [.. Enumerable.Range(0, 3 * Pictures).Select(i => Show(i, seed: 1))];

        string[][] epochs = [.. shown.Chunk(Pictures)];
        Assert.All(epochs, epoch => Assert.Equal(Pictures, epoch.Distinct().Count()));
        Assert.Equal(epochs[0].Order(), epochs[2].Order());
        Assert.False(epochs[0].SequenceEqual(epochs[1]) && epochs[1].SequenceEqual(epochs[2]));
        Assert.Equal(Pictures, source.Count);
        Assert.NotEqual(shown, Enumerable.Range(0, 3 * Pictures).Select(i => Show(i, seed: 2)));

        // From several threads and in any order they are the same.
        string[] again = new string[shown.Length];
        Parallel.For(0, shown.Length, i => again[shown.Length - 1 - i] = Show(shown.Length - 1 - i, seed: 1));
        Assert.Equal(shown, again);

        string Show(int number, ulong seed)
            => Convert.ToHexString(source.Make(seed, (ulong)number, Size, Size, 2, 1).Sample.Image.Pixels);
    }

    [Fact]
    public void Pictures_without_masks_teach_embeddings_only()
    {
        using var folder = new PictureFolder(2);
        using EmbeddingCache cache = EmbeddingCache.Open(folder.Cache);
        CachedSource source = folder.Open(cache, folder.Plain());
        Assert.False(source.HasMasks);
        Assert.True(folder.Open(cache).HasMasks);
        Assert.True(Distiller.Begin(Teacher, ModelZoo.Nano, Options(new DistillationStage(64, 1, 2, DistillationScheme.Decoupled)), source)
            .Run(_ => { }, CancellationToken.None));
        var e = Assert.Throws<ArgumentException>(() => Distiller.Begin(
            Teacher, ModelZoo.Nano, Options(new DistillationStage(64, 1, 1, DistillationScheme.SemiCoupled)), source));
        Assert.Equal(
            "stage 64x1x1:semi-coupled asks for objects by box and click, and the pictures come without marked masks: give "
            + "COCO files, or distil decoupled", e.Message);

        // Some with masks and some without.
        PictureSet marked = folder.Marked();
        CachedSource some = folder.Open(cache, marked with { Pictures = [marked.Pictures[0], folder.Plain().Pictures[1]] });
        Assert.Equal((true, false), (some.HasMasks, some.AllHaveMasks));
        var prompts = new List<int>();
        Assert.True(Distiller.Begin(Teacher, ModelZoo.Nano, Options(new DistillationStage(64, 2, 1, DistillationScheme.FullStage)), some)
            .Run(step => prompts.Add(((DistillationProgress)step).Prompts), CancellationToken.None));
        Assert.Equal([0, 2], prompts.Order());
        e = Assert.Throws<ArgumentException>(() => Distiller.Begin(
            Teacher, ModelZoo.Nano, Options(new DistillationStage(64, 1, 1, DistillationScheme.Coupled)), some));
        Assert.Equal(
            "stage 64x1x1:coupled learns from masks only, and some of the pictures have none: leave them out, or give the embeddings a weight",
            e.Message);
    }

    [Fact]
    public void Cache_of_another_teacher_or_size_is_refused()
    {
        using var folder = new PictureFolder(1);
        using EmbeddingCache cache = EmbeddingCache.Open(folder.Cache);
        Sam other = Sam.Over(SamModel.Create(ModelZoo.Nano, seed: 8), "other");
        DistillationOptions options = Options(new DistillationStage(64, 1, 1, DistillationScheme.Decoupled));
        Refuses(
            $"{folder.Cache}: holds embeddings of another teacher, teacher (fingerprint {Teacher.Fingerprint}, not {other.Fingerprint})",
            () => Distiller.Begin(other, ModelZoo.Nano, options, folder.Open(cache)));
        Refuses(
            $"{folder.Cache}: holds embeddings of another input size, 64, not 128",
            () => Distiller.Begin(Teacher, ModelZoo.Nano, options with { TeacherSize = 128 }, folder.Open(cache)));
    }

    [Fact]
    public void Pictures_without_embedding_are_counted_and_a_torn_shard_is_named()
    {
        using var folder = new PictureFolder(3);
        string data = folder["data.json"], shard = Assert.Single(Directory.GetFiles(folder.Cache));
        var writer = new EmbeddingCacheWriter(folder.Cache, Teacher, Size);
        using (ImageEmbedding embedding = Teacher.Encode(PictureFolder.Read(folder["1.picture"]), Size))
            writer.Add("1.picture", PictureKey.Hash(folder["1.picture"]), embedding);
        writer.Flush();
        File.WriteAllBytes(shard, File.ReadAllBytes(shard)[..^9]);
        using (EmbeddingCache torn = EmbeddingCache.Open(folder.Cache))
        {
            Refuses(
                $"{data}: 2 of 3 pictures without an embedding in {folder.Cache}, the first: 0.picture; torn: "
                + $"{Assert.Single(torn.Torn)}; embed --cache adds them",
                () => folder.Open(torn));
            Assert.StartsWith($"{shard}: ", torn.Torn[0]);
        }

        File.Delete(shard);
        using EmbeddingCache cache = EmbeddingCache.Open(folder.Cache);
        Refuses(
            $"{data}: 2 of 3 pictures without an embedding in {folder.Cache}, the first: 0.picture; embed --cache adds them",
            () => folder.Open(cache));
    }

    [Fact]
    public void Pictures_that_vanished_or_changed_are_told_when_they_are_needed()
    {
        using var folder = new PictureFolder(2);
        using EmbeddingCache cache = EmbeddingCache.Open(folder.Cache);
        CachedSource source = folder.Open(cache);
        string picture = folder["1.picture"];
        DistillationOptions options = Options(new DistillationStage(64, 5, 2, DistillationScheme.Decoupled));
        TrainingLoop distiller = Distiller.Begin(Teacher, ModelZoo.Nano, options, source);

        File.WriteAllText(picture, "3");
        Refuses(
            $"{picture}: is not the picture whose embedding is in {folder.Cache}; embed it again",
            () => distiller.Run(_ => { }, CancellationToken.None));
        File.Delete(picture);
        Refuses(
            $"{picture}: the picture is missing; its embedding is in {folder.Cache}",
            () => distiller.Run(_ => { }, CancellationToken.None));
        Refuses(
            $"{folder["data.json"]}: 1 of 2 pictures missing, the first: 1.picture; bring them back, or take them out of the data",
            () => folder.Open(cache));
        Assert.Equal(0, distiller.Step);
    }

    private static unsafe RgbImage ResizedPicture(string path, int size)
    {
        RgbImage picture = PictureFolder.Read(path);
        var geometry = ImageGeometry.For(picture.Width, picture.Height, size);
        var resized = new RgbImage(geometry.ResizedWidth, geometry.ResizedHeight);
        fixed (byte* source = picture.Pixels, target = resized.Pixels)
            ResampleKernel.Run(source, picture.Width, picture.Height, target, resized.Width, resized.Height);
        return resized;
    }

    private static void Refuses(string message, Action action)
        => Assert.Equal(message, Assert.Throws<DataFormatException>(action).Message);
}
