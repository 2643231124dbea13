using PocketSam.Kernels;
using PocketSam.Models;
using PocketSam.Training.Data;
using PocketSam.Training.Data.Scenes;
using PocketSam.Training.Optimization;

namespace PocketSam.Training.Tests.Optimization;

public sealed class TrainerTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("pocketsam-trainer-").FullName;

    private static TrainingOptions Options => new()
    {
        Model = ModelZoo.Nano,
        Stages = [new TrainingStage(64, 2, 2), new TrainingStage(192, 3, 2, Focal: true) { SmallestSize = 64 }],
        MasksPerImage = 3,
        WarmupSteps = 1,
    };

    private static TrainingOptions With(OptimizerMethod method)
        => Options with { Optimizer = new OptimizerOptions { Method = method } };

    private static SourceMix Scenes => new(
        [(new SceneGenerator(new SceneOptions { Width = 96, Height = 96 }), 1)], new AugmentationOptions());

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(OptimizerMethod.AdamW)]
    [InlineData(OptimizerMethod.Muon)]
    public void A_resumed_training_gives_the_numbers_of_one_that_was_not_stopped(OptimizerMethod method)
    {
        TrainingOptions options = With(method);
        TrainingLoop whole = Trainer.Begin(options, Scenes);
        var wholeLosses = new List<double>();
        Assert.True(whole.Run(p => wholeLosses.Add(p.Loss), CancellationToken.None));

        // Stopped in the middle of each stage, and between the two.
        string path = Path.Combine(_folder, "checkpoint.safetensors");
        Trainer.Begin(options, Scenes).Save(path);
        var losses = new List<double>();
        for (int i = 0; i < options.TotalSteps; i++)
        {
            TrainingLoop part = Trainer.Resume(Safetensors.Read(path), options, Scenes);
            using var stop = new CancellationTokenSource();
            part.Run(
                p =>
                {
                    losses.Add(p.Loss);
                    stop.Cancel();
                },
                stop.Token);
            part.Save(path);
        }

        Assert.Equal(wholeLosses, losses);
        TrainingLoop last = Trainer.Resume(Safetensors.Read(path), options, Scenes);
        Assert.Equal(Weights(whole), Weights(last));
        Assert.Equal(whole.WithAverages(_ => Weights(whole)), last.WithAverages(_ => Weights(last)));
    }

    [Theory]
    [InlineData(OptimizerMethod.AdamW)]
    [InlineData(OptimizerMethod.Muon)]
    public void The_number_of_threads_does_not_change_a_training(OptimizerMethod method)
    {
        double[][] losses =
        [
            .. new[] { 1, 2, 5 }.Select(threads =>
            {
                using Workers.Scope scope = Workers.Limit(threads);
                var found = new List<double>();
                Trainer.Begin(With(method), Scenes).Run(p => found.Add(p.Loss), CancellationToken.None);
                return found.ToArray();
            }),
        ];
        Assert.Equal(losses[0], losses[1]);
        Assert.Equal(losses[0], losses[2]);
    }

    [Fact]
    public void Training_on_one_picture_learns_it()
    {
        var picture = new SceneGenerator(new SceneOptions { Width = 64, Height = 64, MaxThings = 10 }).Draw(7);
        TrainingOptions options = Options with
        {
            Stages = [new TrainingStage(64, 60, 2)],
            CorrectionRounds = 0,
            Optimizer = new OptimizerOptions { LearningRate = 3e-3f },
        };
        var mix = new SourceMix([(new OnePicture(picture), 1)], AugmentationOptions.None);
        var losses = new List<double>();
        Trainer.Begin(options, mix).Run(p => losses.Add(p.Loss), CancellationToken.None);
        Assert.True(
            losses.TakeLast(5).Average() < 0.75 * losses.Take(5).Average(),
            $"the loss went from {losses.Take(5).Average():0.000} to {losses.TakeLast(5).Average():0.000}");
    }

    [Fact]
    public void The_result_is_the_averaged_model()
    {
        TrainingLoop trainer = Trainer.Begin(Options, Scenes);
        trainer.Run(_ => { }, CancellationToken.None);
        string path = Path.Combine(_folder, "model.safetensors");
        trainer.SaveModel(path, DataType.Float32);
        SamModel saved = SamModel.FromCheckpoint(Safetensors.Read(path));
        float[] average = trainer.WithAverages(_ => Weights(trainer));
        float[] kept = [.. saved.State.Entries.SelectMany(e => e.ToStored())];
        Assert.Equal(average, kept);
        Assert.NotEqual(average, Weights(trainer));
    }

    [Fact]
    public void Other_options_are_refused()
    {
        string path = Path.Combine(_folder, "checkpoint.safetensors");
        Trainer.Begin(Options, Scenes).Save(path);
        var e = Assert.Throws<CheckpointFormatException>(
            () => Trainer.Resume(Safetensors.Read(path), Options with { Seed = 2 }, Scenes));
        Assert.Contains("other options", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_without_training_cannot_be_resumed()
    {
        string path = Path.Combine(_folder, "model.safetensors");
        Trainer.Begin(Options, Scenes).SaveModel(path, DataType.Float32);
        var e = Assert.Throws<CheckpointFormatException>(() => Trainer.Resume(Safetensors.Read(path), Options, Scenes));
        Assert.Contains("no training to resume", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("optimizer.first.", float.NaN, "not finite")]
    [InlineData("optimizer.second.", -1f, "a square below zero")]
    [InlineData("optimizer.average.", float.PositiveInfinity, "not finite")]
    [InlineData("optimizer.steps", -1f, "no step up to 0")]
    [InlineData("optimizer.steps", 7f, "no step up to 0")]
    [InlineData("mask_decoder.", float.NaN, "not finite")]
    [InlineData("pocketsam.training.step", -3f, "-3 steps")]
    public void A_damaged_state_is_refused(string what, float value, string reason)
    {
        string path = Path.Combine(_folder, "checkpoint.safetensors");
        Trainer.Begin(Options, Scenes).Save(path);
        string damaged = Path.Combine(_folder, "damaged.safetensors");
        using (Checkpoint whole = Safetensors.Read(path))
        {
            Dictionary<string, StoredTensor> tensors = whole.Tensors.ToDictionary();
            var metadata = whole.Metadata.ToDictionary();
            if (tensors.Keys.FirstOrDefault(key => key.StartsWith(what, StringComparison.Ordinal)) is { } key)
            {
                float[] values = tensors[key].ToFloats();
                values[^1] = value;
                tensors[key] = StoredTensor.FromFloats(values, tensors[key].Shape);
            }
            else
            {
                metadata[what] = value.ToString(System.Globalization.CultureInfo.InvariantCulture);
            }

            Safetensors.Write(damaged, tensors, metadata);
        }

        using Checkpoint checkpoint = Safetensors.Read(damaged);
        var e = Assert.Throws<CheckpointFormatException>(() => Trainer.Resume(checkpoint, Options, Scenes));
        Assert.Contains(reason, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_failed_write_leaves_the_last_good_checkpoint()
    {
        string path = Path.Combine(_folder, "checkpoint.safetensors");
        TrainingLoop trainer = Trainer.Begin(Options, Scenes);
        trainer.Save(path);
        byte[] good = File.ReadAllBytes(path);
        string missing = Path.Combine(_folder, "no-such-folder", "checkpoint.safetensors");
        Assert.Throws<IOException>(() => trainer.Save(missing));
        Assert.Equal(good, File.ReadAllBytes(path));
        Assert.Single(Directory.GetFiles(_folder));
    }

    private static float[] Weights(TrainingLoop trainer)
        => [.. trainer.Model.State.Entries.SelectMany(e => e.ToStored())];

    private sealed class OnePicture(TrainingPicture picture) : ITrainingSource
    {
        public string Name => "one picture";

        public TrainingPicture Draw(ulong seed) => picture;
    }
}
