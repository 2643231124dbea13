using System.CommandLine;
using System.Globalization;
using PocketSam.Checkpoints;
using PocketSam.Cli.Reports;
using PocketSam.Imaging;
using PocketSam.Models;
using PocketSam.Training.Data;
using PocketSam.Training.Data.Scenes;
using PocketSam.Training.Optimization;

namespace PocketSam.Cli.Verbs;

/// <summary><c>train</c>: a model from nothing, or from another model.</summary>
internal sealed class TrainVerb : Verb
{
    private const string CheckpointName = "checkpoint.safetensors";
    private const string ModelName = "model.safetensors";
    private const string LogName = "log.csv";

    /// <summary>Steps between two lines where nobody watches.</summary>
    private const int QuietInterval = 50;

    private static readonly TrainingOptions Defaults = new();

    private readonly Option<string> _output = new("--output")
    {
        Description = "Folder for the checkpoint, the model and the log", HelpName = "FOLDER", Required = true,
    };

    private readonly Option<string[]> _data = new("--data")
    {
        Description = "A COCO instance file, and its share of the pictures (default 1); may be repeated",
        HelpName = "FILE.json[=SHARE]",
    };

    private readonly Option<double> _scenes = new("--scenes")
    {
        Description = "Share of generated scenes among the pictures",
        HelpName = "SHARE",
        DefaultValueFactory = _ => 1,
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
        HelpName = "FILE",
    };

    private readonly Option<string?> _initEncoder = new("--init-encoder")
    {
        Description = "Begin the encoder with a TinyViT trained on ImageNet, its keys the original ones or timm's",
        HelpName = "FILE",
    };

    private readonly Option<string?> _grow = new("--grow")
    {
        Description = "Begin with the weights of this smaller model: wider hidden layers, larger windows",
        HelpName = "FILE",
    };

    private readonly Option<bool> _resume = new("--resume")
    {
        Description = "Go on from the folder's checkpoint; all other options as before",
    };

    private readonly Option<string> _stages = new("--stages")
    {
        Description = "Input size, steps and pictures a step of each stage; f for SAM's focal loss",
        HelpName = "SIZExSTEPSxBATCH[f],...",
        DefaultValueFactory = _ => string.Join(',', Defaults.Stages),
    };

    private readonly Option<float> _rate = new("--learning-rate")
    {
        Description = "Highest learning rate",
        HelpName = "R",
        DefaultValueFactory = _ => Defaults.Optimizer.LearningRate,
    };

    private readonly Option<float> _finalRate = new("--final-rate")
    {
        Description = "Learning rate at the end, as a fraction of the highest",
        HelpName = "F",
        DefaultValueFactory = _ => Defaults.FinalRate,
    };

    private readonly Option<int> _warmup = new("--warmup")
    {
        Description = "Steps until the highest learning rate",
        HelpName = "N",
        DefaultValueFactory = _ => Defaults.WarmupSteps,
    };

    private readonly Option<int> _masks = new("--masks")
    {
        Description = "Most masks of a picture, each asked for by box and by click",
        HelpName = "N",
        DefaultValueFactory = _ => Defaults.MasksPerImage,
    };

    private readonly Option<int> _rounds = new("--rounds")
    {
        Description = "Most rounds of correction",
        HelpName = "N",
        DefaultValueFactory = _ => Defaults.CorrectionRounds,
    };

    private readonly Option<int> _minArea = new("--min-area")
    {
        Description = "Pass over masks of fewer pixels at the input size",
        HelpName = "N",
        DefaultValueFactory = _ => new AugmentationOptions().MinMaskArea,
    };

    private readonly Option<float> _minScale = new("--min-scale")
    {
        Description = "Smallest crop, as a fraction of the picture's longest side",
        HelpName = "F",
        DefaultValueFactory = _ => new AugmentationOptions().MinScale,
    };

    private readonly Option<float> _colorJitter = new("--color-jitter")
    {
        Description = "Strength of the changes of colour, 0 to 1",
        HelpName = "F",
        DefaultValueFactory = _ => new AugmentationOptions().ColorJitter,
    };

    private readonly Option<int> _seed = new("--seed")
    {
        Description = "Chooses first weights and pictures", HelpName = "N", DefaultValueFactory = _ => Defaults.Seed,
    };

    private readonly Option<int> _checkpointEvery = new("--checkpoint-every")
    {
        Description = "Steps between checkpoints",
        HelpName = "N",
        DefaultValueFactory = _ => Defaults.CheckpointEvery,
    };

    public TrainVerb()
        : base(
            "train", "Train a model from nothing",
            "train --output runs/first --data photos/train.json=2 --scenes 1 --stages 128x3000x16,256x3000x8",
            "train --output runs/first --data photos/train.json=2 --scenes 1 --stages 128x3000x16,256x3000x8 --resume",
            "train --output runs/finer --init runs/first/model.safetensors --stages 512x500x4 --learning-rate 2e-4",
            "train --output runs/wide --architecture vit_t_11m --init-encoder tiny_vit_11m.safetensors --stages 256x3000x4",
            "train --output runs/teacher --architecture pocket_l --grow models/default.safetensors --stages 640x2000x4")
    {
        _stages.Validators.Add(result =>
        {
            try
            {
                foreach (string text in result.Tokens.Select(token => token.Value))
                    ParseStages(text);
            }
            catch (FormatException e)
            {
                result.AddError($"{_stages.Name}: {e.Message}");
            }
        });
        Accept(
            _output, _data, _scenes, _architecture, _init, _initEncoder, _grow, _resume, _stages, _rate, _finalRate, _warmup, _masks, _rounds,
            _minArea, _minScale, _colorJitter, _seed, _checkpointEvery);
    }

    protected override void Execute(ParseResult arguments, Terminal terminal, CancellationToken cancellation)
    {
        string folder = arguments.GetRequiredValue(_output);
        string checkpoint = Path.Combine(folder, CheckpointName), model = Path.Combine(folder, ModelName);
        bool resume = arguments.GetValue(_resume);
        if (resume && !File.Exists(checkpoint))
            throw new FileNotFoundException($"{checkpoint}: there is no checkpoint to go on from", checkpoint);
        if (!resume && File.Exists(checkpoint))
            throw new IOException($"{checkpoint}: there is a training already; add --resume, or choose another folder");
        TrainingOptions options = Options(arguments);
        options.Validate();
        SourceMix sources = Sources(arguments);
        string? init = arguments.GetValue(_init), initEncoder = arguments.GetValue(_initEncoder);
        string? grow = arguments.GetValue(_grow);
        Option<string?>[] beginnings = [.. new[] { _init, _initEncoder, _grow }.Where(o => arguments.GetValue(o) is not null)];
        if (resume && beginnings.Length > 0)
            throw new UsageException($"{beginnings[0].Name} begins a training, --resume goes on with one");
        if (beginnings.Length > 1)
            throw new UsageException($"{beginnings[0].Name} brings first weights already: leave out {beginnings[1].Name}");
        TextWriter text = TextOf(arguments, terminal);
        Trainer trainer = resume ? From(checkpoint, file => Trainer.Resume(file, options, sources))
            : init is not null ? From(init, file => Trainer.BeginFrom(file, options, sources))
            : grow is not null ? From(grow, file => Trainer.BeginGrown(file, options, sources))
            : initEncoder is not null ? BeginFromEncoder(initEncoder, options, sources, text)
            : Trainer.Begin(options, sources);

        Directory.CreateDirectory(folder);
        using var log = new TrainingLog(Path.Combine(folder, LogName), trainer.Step);
        var means = new RunningMeans();
        TrainingProgress? last = null;
        bool finished = trainer.Run(
            progress =>
            {
                last = progress;
                means.Add(progress);
                log.Add(progress);
                if (terminal.IsInteractive)
                    terminal.Error.Write($"\r{means.Line(progress, options),-130}");
                else if (progress.Step % QuietInterval == 0)
                    text.WriteLine(means.Line(progress, options));
                if (progress.Step % options.CheckpointEvery == 0)
                    Keep();
            },
            cancellation);
        if (terminal.IsInteractive)
            terminal.Error.WriteLine();
        Keep();
        text.WriteLine($"{model}: the averaged model after {trainer.Step} steps");
        if (last is not null)
            WriteJson(arguments, terminal, last, TrainJson.Default.TrainingProgress);
        else if (WantsJson(arguments))
            throw new IOException($"{folder}: the training was finished already, there is no step to write as JSON");
        if (!finished)
        {
            text.WriteLine($"stopped; {checkpoint} goes on with --resume");
            cancellation.ThrowIfCancellationRequested();
        }

        void Keep()
        {
            trainer.Save(checkpoint);
            trainer.SaveModel(model, DataType.Float16);
        }
    }

    /// <summary>Reads a file that is to be replaced before long, and closes it.</summary>
    private static Trainer From(string path, Func<Checkpoint, Trainer> begin)
    {
        using Checkpoint checkpoint = CheckpointFile.Read(path);
        return begin(checkpoint);
    }

    /// <summary>Says what the encoder took from the file and what it did not.</summary>
    private static Trainer BeginFromEncoder(string path, TrainingOptions options, SourceMix sources, TextWriter text)
    {
        using Checkpoint checkpoint = CheckpointFile.Read(path);
        (Trainer trainer, TinyVitPretraining encoder) = Trainer.BeginFromEncoder(checkpoint, options, sources);
        string resized = encoder.Resized.Count > 0 ? $", {encoder.Resized.Count} of them resized to other windows" : "";
        text.WriteLine(
            $"{path}: {encoder.Used.Count} tensors begin the encoder{resized}; {encoder.Ignored.Count} are not used, " +
            $"{encoder.Fresh.Count} of the encoder stay fresh ({string.Join(", ", encoder.Fresh)})");
        return trainer;
    }

    private static TrainingStage[] ParseStages(string text)
        => [.. text.Split(',').Select(stage => TrainingStage.Parse(stage))];

    private TrainingOptions Options(ParseResult arguments)
    {
        string architecture = arguments.GetRequiredValue(_architecture);
        return new TrainingOptions
        {
            Model = ModelZoo.Find(architecture) ?? throw new UsageException($"--architecture {architecture}: not known"),
            Stages = ParseStages(arguments.GetRequiredValue(_stages)),
            Seed = arguments.GetValue(_seed),
            MasksPerImage = arguments.GetValue(_masks),
            CorrectionRounds = arguments.GetValue(_rounds),
            WarmupSteps = arguments.GetValue(_warmup),
            FinalRate = arguments.GetValue(_finalRate),
            CheckpointEvery = arguments.GetValue(_checkpointEvery),
            Optimizer = new AdamWOptions { LearningRate = arguments.GetValue(_rate) },
        };
    }

    private SourceMix Sources(ParseResult arguments)
    {
        var sources = new List<(ITrainingSource, double)>();
        foreach (string text in arguments.GetValue(_data) ?? [])
        {
            int equals = text.LastIndexOf('=');
            double share = 1;
            if (equals >= 0 && !double.TryParse(text.AsSpan(equals + 1), CultureInfo.InvariantCulture, out share))
                throw new UsageException($"--data {text}: expected FILE.json=SHARE");
            CocoDataset data = CocoDataset.Load(equals < 0 ? text : text[..equals]);
            sources.Add((new CocoSource(data, path => ImageFile.Read(path)), share));
        }

        double scenes = arguments.GetValue(_scenes);
        if (!(scenes >= 0))
            throw new UsageException($"--scenes {scenes.ToString(CultureInfo.InvariantCulture)}: must not be negative");
        if (scenes > 0)
        {
            // As large as the largest input, so that no stage sees enlarged ones only.
            int size = Math.Clamp(ParseStages(arguments.GetRequiredValue(_stages)).Max(s => s.Size), 256, 1024);
            sources.Add((new SceneSource(new SceneOptions { Width = size, Height = size }), scenes));
        }

        return new SourceMix(sources, new AugmentationOptions
        {
            MinMaskArea = arguments.GetValue(_minArea),
            MinScale = arguments.GetValue(_minScale),
            ColorJitter = arguments.GetValue(_colorJitter),
        });
    }
}
