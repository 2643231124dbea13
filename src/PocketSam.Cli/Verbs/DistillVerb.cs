using System.CommandLine;
using PocketSam.Cli.Onnx;
using PocketSam.Cli.Pictures;
using PocketSam.Cli.Reports;
using PocketSam.Cli.Trainings;
using PocketSam.Training.Distillation;
using PocketSam.Training.Optimization;

namespace PocketSam.Cli.Verbs;

/// <summary><c>distill</c>: trains a small model from the outputs of a large one.</summary>
internal sealed class DistillVerb : Verb
{
    private static readonly DistillationOptions Defaults = new() { Optimizer = new() { LearningRate = 5e-4f } };

    private readonly Option<string> _output = new("--output")
    {
        Description = "Folder for the checkpoint, the student, the log and its curves", HelpName = "FOLDER", Required = true,
    };

    private readonly Option<string> _teacher = new("--teacher")
    {
        Description = "The model to learn from: 'default', or a file of ours, of SAM, MobileSAM or TinySAM",
        HelpName = "default|FILE",
        Required = true,
    };

    private readonly Option<string?> _device = DeviceNames.Option("Compute the teacher's image encoder by ONNX Runtime on this (docs/gpu.md)");

    private readonly Option<int?> _teacherSize = CommonOptions.Number(
        "--teacher-size", "Longest side of the teacher's input (default: the teacher's own)", least: 64);

    private readonly Option<string> _student = new("--student")
    {
        Description = $"An architecture ({string.Join(", ", ModelZoo.All.Select(c => c.Name))}) or a model that goes on learning",
        HelpName = "NAME|default|FILE",
        DefaultValueFactory = _ => ModelZoo.Pocket.Name,
    };

    private readonly Option<bool> _keepDecoder = new("--keep-decoder")
    {
        Description = "The student keeps its own mask decoder, else it takes a copy of the teacher's",
    };

    private readonly Option<string?> _initEncoder = new("--init-encoder")
    {
        Description = "Begin the student's encoder with a TinyViT trained on ImageNet", HelpName = "FILE",
    };

    private readonly Option<string[]> _cache = new("--cache")
    {
        Description = "The teacher's embeddings of a --data, as 'embed --cache' wrote them; one for each --data, in their order. "
            + "Pictures are then not augmented",
        HelpName = "DIR",
    };

    private readonly Option<string> _scheme = new("--scheme")
    {
        Description = "What is learned: decoupled (encoder, from embeddings), semi-coupled (encoder, from masks through the "
            + "frozen decoder), coupled (both, from masks), full-stage (both, from everything), decoder (only it, from masks)",
        HelpName = string.Join('|', DistillationSchemes.All),
        DefaultValueFactory = _ => DistillationScheme.Decoupled.NameOf(),
    };

    private readonly Option<string> _stages = new("--stages")
    {
        Description = "The student's input size (or a range, 512-640), steps and pictures a step of each stage, and its scheme where it is another",
        HelpName = "SIZExSTEPSxBATCH[:SCHEME],...",
        DefaultValueFactory = _ => "640x2000x8",
    };

    private readonly Option<float?> _embeddingWeight = Weight(
        "--embedding-weight", "distance of the embeddings (squared when decoupled, absolute otherwise)", w => w.Embedding);

    private readonly Option<float?> _tokenWeight = Weight(
        "--token-weight", "absolute distance of the decoder's output tokens", w => w.Tokens);

    private readonly Option<float?> _maskWeight = Weight("--mask-weight", "absolute distance of the logits", w => w.Masks);

    private readonly Option<float?> _teacherMaskWeight = Weight(
        "--teacher-mask-weight", "cross-entropy and dice against the teacher's masks", w => w.TeacherMasks);

    private readonly Option<float?> _truthWeight = Weight("--truth-weight", "SAM's loss against marked masks", w => w.Truth);

    private readonly Option<string> _prompts = new("--prompt-sampling")
    {
        Description = "Further prompts: first (none), hard (TinySAM: the click moves to what the student missed), "
            + "disagreement (EdgeSAM: a point is added where student and teacher differ)",
        HelpName = string.Join('|', SamplingNames),
        DefaultValueFactory = _ => SamplingNames[0],
    };

    private readonly Option<int?> _rounds = CommonOptions.Number(
        "--rounds", "Rounds of further prompts: at most so many with hard (default 9), exactly with disagreement (default 1)", least: 0);

    private readonly Option<bool> _hardMasks = new("--hard-mask-weighting")
    {
        Description = "Weigh the distance of logits by how much worse than the teacher the student is (TinySAM)",
    };

    private readonly Option<bool> _focal = new("--focal")
    {
        Description = "Compare masks by SAM's focal loss and dice, 20:1, instead of cross-entropy and dice",
    };

    private readonly Option<bool> _resume = new("--resume")
    {
        Description = "Go on from the folder's checkpoint, if there is one; all other options as before",
    };

    private readonly SourceOptions _sources = new(scenes: 0, takesFolders: true);
    private readonly ValidationOptions _validation = new();
    private readonly ScheduleOptions _course = new(Defaults);

    public DistillVerb()
        : base(
            "distill", "Teach a small model what a large one knows",
            "distill --teacher sam_vit_h_4b8939.pth --student vit_t --data photos/train.json --cache embeddings --output runs/mobile --stages 1024x20000x8",
            "distill --teacher quality --data photos/train.json=0.8 --data holiday=0.2 --output runs/small --scheme full-stage --stages 640x500x4",
            "distill --teacher teacher.safetensors --data photos/train.json --output runs/small --stages 640x500x8,640x500x4:full-stage --prompt-sampling disagreement",
            "distill --teacher teacher.safetensors --data photos/train.json --output runs/small --stages 640x500x8,640x500x4:full-stage --prompt-sampling disagreement --resume")
    {
        _prompts.AcceptOnlyFromAmong(SamplingNames);
        _scheme.AcceptOnlyFromAmong([.. DistillationSchemes.All]);
        CommonOptions.Check(_stages, (_, text) => ParseStages(text, DistillationScheme.Decoupled));
        Accept(
        [
            _output, _teacher, _teacherSize, _device, _student, _keepDecoder, _initEncoder, _cache, _scheme, _stages, _embeddingWeight,
            _tokenWeight, _maskWeight, _teacherMaskWeight, _truthWeight, _prompts, _rounds, _hardMasks, _focal, _resume,
            .. _sources.Symbols, .. _course.Symbols, .. _validation.Symbols,
        ]);
    }

    private static string[] SamplingNames => [.. Enum.GetNames<PromptSampling>().Select(n => n.ToLowerInvariant())];

    protected override void Declare(ParseResult arguments, RunFiles files)
    {
        files.ReadModel(arguments.GetValue(_teacher));
        files.Read(_sources.Files(arguments));
        files.Read(_validation.Files(arguments));
    }

    protected override void Execute(ParseResult arguments, Terminal terminal, CancellationToken cancellation)
        => MpiRanks.Run(ranks => Distil(arguments, ranks, terminal, cancellation), terminal, cancellation);

    /// <summary>Distils in this process, which is the only one or one of several; the first one writes.</summary>
    private void Distil(ParseResult arguments, MpiRanks? ranks, Terminal terminal, CancellationToken cancellation)
    {
        using var folder = TrainingFolder.Open(arguments.GetRequiredValue(_output), arguments.GetValue(_resume), ranks);
        DistillationOptions options = Options(arguments) with { Ranks = ranks };
        options.Validate();
        Files.Write(folder.Results);
        if (!folder.HasCheckpoint)
        {
            Files.ReadModel(arguments.GetValue(_student));
            Files.ReadModel(arguments.GetValue(_initEncoder));
        }

        using DeviceModel loaded = DeviceModel.Load(
            arguments.GetRequiredValue(_teacher), arguments.GetValue(_device), arguments.GetValue(_teacherSize), cancellation);
        Sam teacher = loaded.Sam;
        var caches = new List<EmbeddingCache>();
        try
        {
            TextWriter text = folder.IsWritten ? TextOf(terminal) : TextWriter.Null;
            var mixed = new List<string>();
            var pictures = new List<string>();
            DistillationSource source = Source(arguments, options, teacher, caches, mixed, pictures);
            ValidationPlan? validation = _validation.Plan(arguments, pictures, _sources.Sets, options.Stages[^1].Size, options.CheckpointEvery);
            TrainingLoop training = folder.HasCheckpoint
                ? Resume(folder.Checkpoint, teacher, options, source)
                : Begin(arguments, teacher, options, source);
            mixed.ForEach(text.WriteLine);
            if (ranks is not null)
                text.WriteLine($"{ranks.Count} processes distil together, each with its part of every batch");
            folder.Run(
                training, validation, terminal, text, last =>
                {
                    _sources.Sets.Report(text);
                    if (last is not null)
                        WriteJson(arguments, terminal, (DistillationProgress)last, DistillJson.Default.DistillationProgress);
                    else if (WantsJson(arguments))
                        throw new IOException($"{folder.Path}: the distillation was finished already, there is no step to write as JSON");
                },
                cancellation);
            _sources.Sets.ThrowIfFailed();
        }
        finally
        {
            caches.ForEach(cache => cache.Dispose());
        }
    }

    private TrainingLoop Begin(ParseResult arguments, Sam teacher, DistillationOptions options, DistillationSource source)
    {
        string student = arguments.GetRequiredValue(_student);
        bool keepDecoder = arguments.GetValue(_keepDecoder);
        string? classifier = arguments.GetValue(_initEncoder);
        if (!File.Exists(student) && ModelZoo.Find(student) is { } architecture)
        {
            if (keepDecoder)
                throw new UsageException($"{_keepDecoder.Name}: {student} is an architecture and has no decoder of its own");
            if (classifier is null)
                return Distiller.Begin(teacher, architecture, options, source);
            using Checkpoint weights = Sam.ReadCheckpoint(classifier);
            return Distiller.Begin(teacher, architecture, options, source, weights);
        }

        if (classifier is not null)
            throw new UsageException($"{_initEncoder.Name} begins an architecture, and {student} is a model with weights");
        using Checkpoint checkpoint = Sam.ReadCheckpoint(student);
        return Distiller.BeginFrom(teacher, checkpoint, keepDecoder, options, source);
    }

    private static TrainingLoop Resume(string path, Sam teacher, DistillationOptions options, DistillationSource source)
    {
        using Checkpoint checkpoint = CheckpointFile.Read(path);
        return Distiller.Resume(teacher, checkpoint, options, source);
    }

    private DistillationSource Source(
        ParseResult arguments, DistillationOptions options, Sam teacher, List<EmbeddingCache> caches, List<string> mixed,
        List<string> pictures)
    {
        string[] data = _sources.Data(arguments), folders = arguments.GetValue(_cache) ?? [];
        if (folders.Length == 0)
        {
            return new AugmentedSource(
                _sources.Mix(arguments, options.Stages.Max(s => s.Size), needsMasks: !options.LearnsEmbeddings, mixed, pictures));
        }

        if (_sources.Augmentation(arguments) is { } augmentation)
            throw new UsageException($"{augmentation}: pictures with cached embeddings are taken as they are");
        if (folders.Length != data.Length)
            throw new UsageException($"{data.Length} of --data and {folders.Length} of {_cache.Name}: each --data needs its cache");
        var cached = new List<(PictureSet, EmbeddingCache)>();
        for (int i = 0; i < data.Length; i++)
        {
            caches.Add(EmbeddingCache.Open(
                folders[i], teacher.Fingerprint, options.TeacherSize ?? teacher.Config.ImageSize));
            PictureSet set = Pictures(arguments, data[i]);
            pictures.AddRange(set.Pictures.Select(picture => picture.Path));
            cached.Add((set, caches[i]));
        }

        return CachedSource.Open(cached, _sources.Sets.Reader(arguments), _sources.Sets.Failures(arguments));
    }

    private PictureSet Pictures(ParseResult arguments, string data)
    {
        if (!PictureJobs.IsCollection(data))
            throw new UsageException($"--data {data}: with a cache a COCO file (.json) or a folder of pictures");
        if (Directory.Exists(data))
        {
            return new PictureSet(
                data, [.. PictureJobs.InFolder(data).Select(job => (job.Name, job.Picture, (CocoImage?)null))]);
        }

        return PictureSet.Of(_sources.Sets.Load(arguments, data));
    }

    private DistillationOptions Options(ParseResult arguments)
    {
        DistillationStage[] stages = ParseStages(
            arguments.GetRequiredValue(_stages), DistillationSchemes.Parse(arguments.GetRequiredValue(_scheme)));
        var sampling = Enum.Parse<PromptSampling>(arguments.GetRequiredValue(_prompts), ignoreCase: true);
        return _course.Apply(
            new DistillationOptions
            {
                Stages = stages,
                Weights = Weights(arguments, stages),
                Sampling = sampling,
                Rounds = arguments.GetValue(_rounds)
                    ?? sampling switch { PromptSampling.Hard => 9, PromptSampling.Disagreement => 1, _ => 0 },
                HardMaskWeighting = arguments.GetValue(_hardMasks),
                Focal = arguments.GetValue(_focal),
                TeacherSize = arguments.GetValue(_teacherSize),
            },
            arguments);
    }

    /// <summary>
    /// The weights that are given instead of the scheme's; they apply to all stages, which must have one scheme.
    /// </summary>
    private DistillationWeights? Weights(ParseResult arguments, DistillationStage[] stages)
    {
        Option<float?>[] options = [_embeddingWeight, _tokenWeight, _maskWeight, _teacherMaskWeight, _truthWeight];
        if (options.FirstOrDefault(o => arguments.GetValue(o) is not null) is not { } given)
            return null;
        if (stages.Any(s => s.Scheme != stages[0].Scheme))
            throw new UsageException($"{given.Name}: the stages are of several schemes, each with weights of its own; run them one after the other");
        var own = DistillationWeights.For(stages[0].Scheme);
        return new DistillationWeights(
            arguments.GetValue(_embeddingWeight) ?? own.Embedding, arguments.GetValue(_tokenWeight) ?? own.Tokens,
            arguments.GetValue(_maskWeight) ?? own.Masks, arguments.GetValue(_teacherMaskWeight) ?? own.TeacherMasks,
            arguments.GetValue(_truthWeight) ?? own.Truth);
    }

    private static DistillationStage[] ParseStages(string text, DistillationScheme scheme)
        => [.. text.Split(',').Select(stage => DistillationStage.Parse(stage, scheme))];

    private static Option<float?> Weight(string name, string what, Func<DistillationWeights, float> weight)
    {
        string own = string.Join(", ", Enum.GetValues<DistillationScheme>()
            .Where(s => weight(DistillationWeights.For(s)) > 0)
            .Select(s => FormattableString.Invariant($"{weight(DistillationWeights.For(s))} for {s.NameOf()}")));
        return new Option<float?>(name)
        {
            Description = $"Weight of the {what} (default {(own.Length > 0 ? own : "0")})", HelpName = "W",
        };
    }
}
