using System.CommandLine;
using PocketSam.Cli.Reports;
using PocketSam.Cli.Trainings;
using PocketSam.Training.Data;
using PocketSam.Training.Optimization;

namespace PocketSam.Cli.Verbs;

/// <summary><c>train</c>: trains a model from random weights, or from another model.</summary>
internal sealed class TrainVerb : Verb
{
    private static readonly TrainingOptions Defaults = new();

    private readonly Option<string> _output = new("--output")
    {
        Description = "Folder for the checkpoint, the model and the log", HelpName = "FOLDER", Required = true,
    };

    private readonly Option<string> _architecture = new("--architecture")
    {
        Description = $"What to train: {string.Join(", ", ModelZoo.All.Select(c => c.Name))}",
        HelpName = "NAME",
        DefaultValueFactory = _ => Defaults.Model.Name,
    };

    private readonly Option<string?> _init = new("--init")
    {
        Description = "Begin with the weights of this model; give another --seed for other pictures than it has seen",
        HelpName = "default|FILE",
    };

    private readonly Option<string?> _initEncoder = new("--init-encoder")
    {
        Description = "Begin the encoder with a TinyViT trained on ImageNet (keys as in the original or in timm), or with a DINOv2 backbone (its own keys or transformers')",
        HelpName = "FILE",
    };

    private readonly Option<string?> _grow = new("--grow")
    {
        Description = "Begin with the weights of this smaller model: wider hidden layers, larger windows",
        HelpName = "default|FILE",
    };

    private readonly Option<bool> _resume = new("--resume")
    {
        Description = "Go on from the folder's checkpoint, if there is one; all other options as before",
    };

    private readonly Option<string> _stages = new("--stages")
    {
        Description = "Input size, steps and pictures a step of each stage; SIZE may be a range (592-736), from which each step draws; f for SAM's focal loss",
        HelpName = "SIZExSTEPSxBATCH[f],...",
        DefaultValueFactory = _ => string.Join(',', Defaults.Stages),
    };

    private readonly SourceOptions _sources = new(scenes: 1);
    private readonly ValidationOptions _validation = new();
    private readonly ScheduleOptions _course = new(Defaults);

    private readonly Option<int> _rounds = new("--rounds")
    {
        Description = "Most rounds of correction",
        HelpName = "N",
        DefaultValueFactory = _ => Defaults.CorrectionRounds,
    };

    private readonly Option<float> _crossEntropy = new("--cross-entropy")
    {
        Description = "Weight of the cross-entropy beside the dice loss",
        HelpName = "W",
        DefaultValueFactory = _ => Defaults.CrossEntropy,
    };

    public TrainVerb()
        : base(
            "train", "Train a model from nothing",
            "train --output runs/first --data photos/train.json=2 --scenes 1 --stages 128x3000x16,256x3000x8",
            "train --output runs/first --data photos/train.json=2 --scenes 1 --stages 128x3000x16,256x3000x8 --resume",
            "train --output runs/finer --init runs/first/model.safetensors --stages 512x500x4 --learning-rate 2e-4",
            "train --output runs/wide --architecture vit_t_11m --init-encoder tiny_vit_11m.safetensors --stages 256x3000x4",
            "train --output runs/teacher --architecture pocket_l --grow default --stages 640x2000x4")
    {
        CommonOptions.Check(_stages, (_, text) => ParseStages(text));
        Accept(
        [
            _output, _architecture, _init, _initEncoder, _grow, _resume, _stages, _rounds, _crossEntropy, .. _sources.Symbols,
            .. _course.Symbols, .. _validation.Symbols,
        ]);
    }

    /// <summary>The sources of initial weights.</summary>
    private Option<string?>[] Beginnings => [_init, _initEncoder, _grow];

    protected override void Declare(ParseResult arguments, RunFiles files)
    {
        files.Read(_sources.Files(arguments));
        files.Read(_validation.Files(arguments));
    }

    protected override void Execute(ParseResult arguments, Terminal terminal, CancellationToken cancellation)
        => MpiRanks.Run(ranks => Train(arguments, ranks, terminal, cancellation), terminal, cancellation);

    /// <summary>Trains in this process, which is the only one or one of several; the first one writes.</summary>
    private void Train(ParseResult arguments, MpiRanks? ranks, Terminal terminal, CancellationToken cancellation)
    {
        using var folder = TrainingFolder.Open(arguments.GetRequiredValue(_output), arguments.GetValue(_resume), ranks);
        TrainingOptions options = Options(arguments) with { Ranks = ranks };
        options.Validate();
        Files.Write(folder.Results);
        if (!folder.HasCheckpoint)
        {
            foreach (Option<string?> beginning in Beginnings)
                Files.ReadModel(arguments.GetValue(beginning));
        }

        TextWriter text = folder.IsWritten ? TextOf(terminal) : TextWriter.Null;
        var mixed = new List<string>();
        var pictures = new List<string>();
        SourceMix sources = _sources.Mix(arguments, options.Stages.Max(s => s.Size), needsMasks: true, mixed, pictures);
        ValidationPlan? validation = _validation.Plan(arguments, pictures, _sources.Sets, options.Stages[^1].Size, options.CheckpointEvery);
        string? init = arguments.GetValue(_init), initEncoder = arguments.GetValue(_initEncoder);
        string? grow = arguments.GetValue(_grow);
        Option<string?>[] beginnings = [.. Beginnings.Where(o => arguments.GetValue(o) is not null)];
        if (beginnings.Length > 1)
            throw new UsageException($"{beginnings[0].Name} brings first weights already: leave out {beginnings[1].Name}");
        TrainingLoop training = folder.HasCheckpoint ? From(folder.Checkpoint, file => Trainer.Resume(file, options, sources))
            : init is not null ? From(init, file => Trainer.BeginFrom(file, options, sources))
            : grow is not null ? From(grow, file => Trainer.BeginGrown(file, options, sources))
            : initEncoder is not null ? BeginFromEncoder(initEncoder, options, sources, text)
            : Trainer.Begin(options, sources);

        mixed.ForEach(text.WriteLine);
        if (ranks is not null)
            text.WriteLine($"{ranks.Count} processes train together, each with its part of every batch");
        folder.Run(
            training, validation, terminal, text, last =>
            {
                _sources.Sets.Report(text);
                if (last is not null)
                    WriteJson(arguments, terminal, (TrainingProgress)last, TrainJson.Default.TrainingProgress);
                else if (WantsJson(arguments))
                    throw new IOException($"{folder.Path}: the training was finished already, there is no step to write as JSON");
            },
            cancellation);
        _sources.Sets.ThrowIfFailed();
    }

    /// <summary>Reads a file and closes it, because the training replaces it.</summary>
    private static TrainingLoop From(string path, Func<Checkpoint, TrainingLoop> begin)
    {
        using Checkpoint checkpoint = Sam.ReadCheckpoint(path);
        return begin(checkpoint);
    }

    /// <summary>Writes what the encoder was initialised from, and what is missing.</summary>
    private static TrainingLoop BeginFromEncoder(string path, TrainingOptions options, SourceMix sources, TextWriter text)
    {
        using Checkpoint checkpoint = Sam.ReadCheckpoint(path);
        (TrainingLoop training, EncoderPretraining encoder) = Trainer.BeginFromEncoder(checkpoint, options, sources);
        string resized = encoder.Resized.Count > 0 ? $", {encoder.Resized.Count} of them resized to other windows" : "";
        text.WriteLine(
            $"{path}: {encoder.Used.Count} tensors begin the encoder{resized}; {encoder.Ignored.Count} are not used, " +
            $"{encoder.Fresh.Count} of the encoder stay fresh ({string.Join(", ", encoder.Fresh)})");
        return training;
    }

    private static TrainingStage[] ParseStages(string text)
        => [.. text.Split(',').Select(stage => TrainingStage.Parse(stage))];

    private TrainingOptions Options(ParseResult arguments)
    {
        string architecture = arguments.GetRequiredValue(_architecture);
        var options = new TrainingOptions
        {
            Model = ModelZoo.Find(architecture) ?? throw new UsageException($"--architecture {architecture}: not known"),
            Stages = ParseStages(arguments.GetRequiredValue(_stages)),
            CorrectionRounds = arguments.GetValue(_rounds),
            CrossEntropy = arguments.GetValue(_crossEntropy),
        };
        return _course.Apply(options, arguments);
    }
}
