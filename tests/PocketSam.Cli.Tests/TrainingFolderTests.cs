using PocketSam.Cli.Trainings;
using PocketSam.Training.Data;
using PocketSam.Training.Data.Scenes;
using PocketSam.Training.Evaluation;
using PocketSam.Training.Optimization;

namespace PocketSam.Cli.Tests;

public sealed class TrainingFolderTests : IDisposable
{
    private readonly Workplace _place = new();

    public void Dispose() => _place.Dispose();

    [Fact]
    public void Stopped_while_it_is_measured_a_training_keeps_its_last_step()
    {
        using var stop = new CancellationTokenSource();
        RgbImage Read(string path)
        {
            stop.Cancel();
            return _place.Image;
        }

        var options = new TrainingOptions { Model = ModelZoo.Nano, Stages = [new TrainingStage(64, 3, 1)], MasksPerImage = 1 };
        TrainingLoop training = Trainer.Begin(options, new SourceMix([(new SceneGenerator(new SceneOptions()), 1)], new AugmentationOptions()));
        var validation = new ValidationPlan(new Validation([CocoDataset.Load(_place.Data)], Read, imageSize: 64), Every: 1);
        using var text = new StringWriter();
        using TrainingFolder folder = TrainingFolder.Open(_place["run"], resume: false);

        Assert.Throws<OperationCanceledException>(() => folder.Run(
            training, validation, new Terminal(text, text, isInteractive: false), text, _ => { }, stop.Token));

        using Checkpoint kept = Sam.ReadCheckpoint(folder.Checkpoint);
        Assert.Equal("1", kept.Metadata["pocketsam.training.step"]);
        Assert.Contains("goes on with --resume", text.ToString(), StringComparison.Ordinal);
    }
}
