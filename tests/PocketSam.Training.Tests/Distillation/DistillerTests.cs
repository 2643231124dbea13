using PocketSam.Layers;
using PocketSam.Models;
using PocketSam.Training.Data;
using PocketSam.Training.Data.Scenes;
using PocketSam.Training.Distillation;
using PocketSam.Training.Optimization;
using PocketSam.Training.Tests.Data;
using static PocketSam.Training.Distillation.DistillationScheme;
using static PocketSam.Training.Tests.Distillation.Distillations;

namespace PocketSam.Training.Tests.Distillation;

public sealed class DistillerTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Checkpoint => _folder["checkpoint.safetensors"];

    /// <summary>All that a course can have: schemes that turn parts on and off, sizes, further prompts.</summary>
    private static DistillationOptions Schedule => Options(
        new(64, 1, 2, Decoupled), new(64, 2, 2, FullStage), new(128, 1, 1, Coupled), new(64, 1, 2, SemiCoupled),
        new(64, 1, 2, Decoder)) with
    {
        Sampling = PromptSampling.Hard, Rounds = 2, HardMaskWeighting = true,
    };

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(Decoupled, true, false)]
    [InlineData(SemiCoupled, true, false)]
    [InlineData(Coupled, true, true)]
    [InlineData(FullStage, true, true)]
    [InlineData(Decoder, false, true)]
    public void Each_scheme_trains_its_parts_and_leaves_the_others_to_the_last_bit(
        DistillationScheme scheme, bool encoder, bool decoder)
    {
        TrainingLoop distiller = Distiller.Begin(Teacher, ModelZoo.Nano, Options(new DistillationStage(64, 3, 1, scheme)), Scenes());
        float[] first = Weights(distiller.Model, "image_encoder.");
        Assert.True(distiller.Run(_ => { }, CancellationToken.None));

        // The weights as they were trained, then their averages, which are the result.
        Check();
        distiller.WithAverages(_ => { Check(); return 0; });

        void Check()
        {
            Assert.Equal(Weights(Teacher.Model, "prompt_encoder."), Weights(distiller.Model, "prompt_encoder."));
            Assert.Equal(decoder, !Weights(Teacher.Model, "mask_decoder.").SequenceEqual(Weights(distiller.Model, "mask_decoder.")));
            Assert.Equal(encoder, !first.SequenceEqual(Weights(distiller.Model, "image_encoder.")));
        }
    }

    [Fact]
    public void Pictures_without_masks_give_the_gradients_of_their_embeddings()
    {
        // The same crop with its masks and without: all that differs is what the prompts teach.
        var unmarked = new AugmentedSource(new SourceMix(
            [(new Unmarked(), 1), (new SceneGenerator(new SceneOptions { Width = 96, Height = 64 }), 1e-12)], new AugmentationOptions(), needsMasks: false));
        DistillationProgress all = FirstStep(Scenes()), embeddings = FirstStep(unmarked);
        Assert.Equal(all.Embedding, embeddings.Embedding);
        Assert.Equal(embeddings.Embedding, embeddings.Loss);
        Assert.Equal((0, double.NaN), (embeddings.Prompts, embeddings.Truth));
        Assert.True(all.Loss > all.Embedding);

        static DistillationProgress FirstStep(AugmentedSource source)
        {
            DistillationProgress? first = null;
            Distiller.Begin(Teacher, ModelZoo.Nano, Options(new DistillationStage(64, 1, 2, FullStage)), source)
                .Run(step => first = (DistillationProgress)step, CancellationToken.None);
            return first!;
        }
    }

    [Theory]
    [InlineData(Decoupled)]
    [InlineData(FullStage)]
    public void A_teacher_on_DINOv2_teaches_a_TinyViT(DistillationScheme scheme)
    {
        SamConfig config = ModelZoo.Nano with
        {
            Name = "dino",
            HighResolutionFeatures = true,
            FirstMask = FirstMask.Single,
            Encoder = new DinoVisionTransformerConfig
            {
                EmbedDim = 24, Depth = 2, NumHeads = 2, Taps = [1, 2], PositionSide = 4, HighResolutionChannels = [4, 6, 8],
            },
        };
        Sam teacher = Sam.Over(SamModel.Create(config, seed: 5), "dino");
        TrainingLoop distiller = Distiller.Begin(teacher, ModelZoo.Nano, Options(new DistillationStage(128, 6, 2, scheme)), Scenes());
        Assert.False(distiller.Model.Config.HighResolutionFeatures);
        Assert.Equal(FirstMask.Single, distiller.Model.Config.FirstMask);
        List<double> losses = [];
        Assert.True(distiller.Run(step => losses.Add(step.Loss), CancellationToken.None));
        Assert.All(losses, loss => Assert.True(loss > 0));

        string message = Assert.Throws<ArgumentException>(() => Distiller.BeginFrom(
            teacher, CheckpointOf(SamModel.Create(config, seed: 6)), keepDecoder: false,
            Options(new DistillationStage(128, 1, 1, scheme)), Scenes())).Message;
        Assert.StartsWith("dino gives its decoder high-resolution features", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_resumed_distillation_gives_the_numbers_of_one_that_was_not_stopped()
        => AssertResumes(Schedule, Scenes);

    [Fact]
    public void A_resumed_distillation_from_a_cache_gives_them_too()
    {
        using var pictures = new PictureFolder(3);
        using EmbeddingCache cache = EmbeddingCache.Open(pictures.Cache);
        AssertResumes(
            Options(new(64, 1, 2, Decoupled), new(128, 1, 2, Decoupled), new(64, 1, 2, FullStage)) with
            {
                Sampling = PromptSampling.Disagreement, Rounds = 1,
            },
            () => pictures.Open(cache));
    }

    [Fact]
    public void Other_options_or_another_teacher_are_refused_on_resume()
    {
        DistillationOptions options = Options(new DistillationStage(64, 2, 1, FullStage));
        Distiller.Begin(Teacher, ModelZoo.Nano, options, Scenes()).Save(Checkpoint);
        Sam otherEncoder = Changed("image_encoder."), otherDecoder = Changed("mask_decoder.");
        Assert.NotEqual(Teacher.Fingerprint, otherEncoder.Fingerprint);
        Assert.Equal(Teacher.Fingerprint, otherDecoder.Fingerprint);
        DistillationOptions[] others =
        [
            options with { Seed = 2 }, options with { Stages = [new DistillationStage(64, 2, 1, Coupled)] },
            options with { Weights = new DistillationWeights(1, 1, 1, 1, 1) }, options with { TeacherSize = 128 },
            options with { HardMaskWeighting = true }, options with { Focal = true },
            options with { Sampling = PromptSampling.Hard, Rounds = 1 },
        ];
        foreach (DistillationOptions other in others)
            Refuses(() => Distiller.Resume(Teacher, Safetensors.Read(Checkpoint), other, Scenes()));
        Refuses(() => Distiller.Resume(otherEncoder, Safetensors.Read(Checkpoint), options, Scenes()));
        Refuses(() => Distiller.Resume(otherDecoder, Safetensors.Read(Checkpoint), options, Scenes()));
        Distiller.Resume(Teacher, Safetensors.Read(Checkpoint), options, Scenes());

        void Refuses(Func<TrainingLoop> resume) => Assert.StartsWith(
            $"{Checkpoint}: was trained with other options, ", Assert.Throws<CheckpointFormatException>(resume).Message);
    }

    [Fact]
    public void Student_that_keeps_its_decoder_has_it_and_else_the_teachers()
    {
        SamModel own = SamModel.Create(ModelZoo.Nano, seed: 3);
        DistillationOptions options = Options(new DistillationStage(64, 1, 1, Decoupled));
        TrainingLoop keeps = Distiller.BeginFrom(Teacher, CheckpointOf(own), keepDecoder: true, options, Scenes());
        TrainingLoop copies = Distiller.BeginFrom(Teacher, CheckpointOf(own), keepDecoder: false, options, Scenes());
        Assert.Equal(Weights(own), Weights(keeps.Model));
        Assert.Equal(Weights(own, "image_encoder."), Weights(copies.Model, "image_encoder."));
        Assert.Equal(Weights(Teacher.Model, "mask_decoder."), Weights(copies.Model, "mask_decoder."));
    }

    [Fact]
    public void Stages_that_nobody_can_give_are_refused()
    {
        SamConfig wide = ModelZoo.Nano with { PromptEmbedDim = 64 };
        Says(
            "the student's embeddings have 64 channels, the teacher's 32: they cannot be compared; give the student the "
            + "teacher's decoder, or set the weights of embeddings and tokens to 0",
            () => From(wide, keepDecoder: true, Decoupled));
        Assert.StartsWith(
            "the teacher's prompt_encoder. and mask_decoder. do not fit the student: ",
            Assert.Throws<ArgumentException>(() => From(wide, keepDecoder: false, Decoupled)).Message);
        Says(
            "the teacher's prompt_encoder. and mask_decoder. do not fit the student: it has 4 attention heads, teacher 2",
            () => From(ModelZoo.Nano with { DecoderHeads = 4 }, keepDecoder: false, Decoupled));
        Says(
            "the student gives 2 masks for a click, the teacher 3: they cannot be compared",
            () => From(ModelZoo.Nano with { NumMultimaskOutputs = 2 }, keepDecoder: true, Coupled));
        Says(
            "input size 100: must be a multiple of 16 from 64 to 4096",
            () => Distiller.Begin(Teacher, ModelZoo.Nano, Options(new DistillationStage(100, 1, 1, Coupled)), Scenes()));

        // Masks may be compared across channels.
        From(wide, keepDecoder: true, Coupled);

        static TrainingLoop From(SamConfig student, bool keepDecoder, DistillationScheme scheme) => Distiller.BeginFrom(
            Teacher, CheckpointOf(SamModel.Create(student, seed: 3)), keepDecoder,
            Options(new DistillationStage(64, 1, 1, scheme)), Scenes());
    }

    [Fact]
    public void Options_out_of_range_are_named()
    {
        DistillationOptions options = Options(new DistillationStage(64, 1, 1, Decoupled));
        Says("distillation needs at least one stage", () => (options with { Stages = [] }).Validate());
        Says(
            "stage 64x1x1:decoder: the decoder learns from masks only, and their weights are 0",
            () => (Options(new DistillationStage(64, 1, 1, Decoder)) with { Weights = new(1, 0, 0, 0, 0) }).Validate());
        Says(
            "stage 64x1x1025:decoupled: needs at least one step and 1 to 1024 pictures a step",
            () => Options(new DistillationStage(64, 1, 1025, Decoupled)).Validate());
        Says("rounds of prompts: 11 is not in 0 ... 10", () => (options with { Rounds = 11 }).Validate());
        Says("rounds of further prompts need a way to choose them", () => (options with { Rounds = 1 }).Validate());
        foreach (DistillationWeights wrong in (DistillationWeights[])
            [new(0, 0, 0, 0, 0), new(-1, 0, 0, 1, 0), new(1, float.NaN, 0, 0, 0), new(1, 0, float.PositiveInfinity, 0, 0)])
        {
            Says(
                "the weights of the losses must be finite, not negative, and not all zero",
                () => (options with { Weights = wrong }).Validate());
        }
    }

    [Fact]
    public void Weights_that_are_not_finite_stop_it_at_the_step()
    {
        DistillationOptions options = Options(new DistillationStage(64, 4, 1, Decoupled));
        TrainingLoop distiller = Distiller.Begin(Teacher, ModelZoo.Nano, options, Scenes());
        var e = Assert.Throws<TrainingDivergedException>(() => distiller.Run(
            p =>
            {
                if (p.Step != 2)
                    return;
                StateEntry entry = distiller.Model.State.Entries.First(e => e.Key.StartsWith("image_encoder.", StringComparison.Ordinal));
                entry.Weight.Span[0] = float.NaN;
                entry.Weight.Changed();
            },
            CancellationToken.None));
        Assert.Equal((3, 2), (e.Step, distiller.Step));
        Assert.Equal(options.RateOf(2), e.LearningRate);
        Assert.StartsWith("the loss is not finite at step 3 with learning rate 0.000", e.Message);
    }

    [Fact]
    public void Learning_rate_that_is_far_too_high_stops_it()
    {
        DistillationOptions options = Options(new DistillationStage(64, 9, 1, FullStage)) with
        {
            Optimizer = new OptimizerOptions { LearningRate = 1e30f },
        };
        TrainingLoop distiller = Distiller.Begin(Teacher, ModelZoo.Nano, options, Scenes());
        var e = Assert.Throws<TrainingDivergedException>(() => distiller.Run(_ => { }, CancellationToken.None));
        Assert.Equal(distiller.Step + 1, e.Step);
        Assert.Contains($"at step {e.Step} with learning rate ", e.Message, StringComparison.Ordinal);
    }

    /// <summary>Stops after every step, writes, reads and goes on.</summary>
    private void AssertResumes(DistillationOptions options, Func<DistillationSource> source)
    {
        TrainingLoop whole = Distiller.Begin(Teacher, ModelZoo.Nano, options, source());
        var wholeLosses = new List<double>();
        Assert.True(whole.Run(p => wholeLosses.Add(p.Loss), CancellationToken.None));

        TrainingLoop part = Distiller.Begin(Teacher, ModelZoo.Nano, options, source());
        var losses = new List<double>();
        for (int i = 0; i < options.TotalSteps; i++)
        {
            using var stop = new CancellationTokenSource();
            part.Run(
                p =>
                {
                    losses.Add(p.Loss);
                    stop.Cancel();
                },
                stop.Token);
            part.Save(Checkpoint);
            using Checkpoint file = Safetensors.Read(Checkpoint);
            part = Distiller.Resume(Teacher, file, options, source());
        }

        Assert.Equal(wholeLosses, losses);
        Assert.Equal(Weights(whole.Model), Weights(part.Model));
        Assert.Equal(whole.WithAverages(_ => Weights(whole.Model)), part.WithAverages(_ => Weights(part.Model)));
    }

    /// <summary>The teacher with another value in a weight.</summary>
    private static Sam Changed(string prefix)
    {
        SamModel model = SamModel.Create(ModelZoo.Nano, seed: 7);
        StateEntry entry = model.State.Entries.First(e => e.Key.StartsWith(prefix, StringComparison.Ordinal));
        entry.Weight.Span[0] += 1;
        entry.Weight.Changed();
        return Sam.Over(model, "teacher");
    }

    private static void Says(string message, Action action)
        => Assert.Equal(message, Assert.Throws<ArgumentException>(action).Message);

    /// <summary>The scenes of <see cref="Scenes"/> without their masks.</summary>
    private sealed class Unmarked : ITrainingSource
    {
        private readonly SceneGenerator _scenes = new(new SceneOptions { Width = 96, Height = 64 });

        public string Name => "unmarked";

        public bool HasMasks => false;

        public TrainingPicture Draw(ulong seed) => _scenes.Draw(seed) with { Masks = [] };
    }
}
