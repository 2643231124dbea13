using System.CommandLine;
using PocketSam.Training.Optimization;

namespace PocketSam.Cli.Trainings;

/// <summary>The options of all kinds of training: learning rate, prompts, seed, checkpoints.</summary>
/// <param name="defaults">The defaults of the options.</param>
internal sealed class ScheduleOptions(OptimizationOptions defaults)
{
    private static readonly string[] OptimizerNames = [.. Enum.GetNames<OptimizerMethod>().Select(n => n.ToLowerInvariant())];

    private readonly Option<float> _rate = new("--learning-rate")
    {
        Description = "Highest learning rate",
        HelpName = "R",
        DefaultValueFactory = _ => defaults.Optimizer.LearningRate,
    };

    private readonly Option<string> _optimizer = OptimizerOption(defaults.Optimizer.Method);

    private readonly Option<float> _finalRate = new("--final-rate")
    {
        Description = "Learning rate at the end, as a fraction of the highest",
        HelpName = "F",
        DefaultValueFactory = _ => defaults.FinalRate,
    };

    private readonly Option<int> _warmup = new("--warmup")
    {
        Description = "Steps until the highest learning rate",
        HelpName = "N",
        DefaultValueFactory = _ => defaults.WarmupSteps,
    };

    private readonly Option<string[]> _freeze = new("--freeze")
    {
        Description = "Keys whose weights stay as they are, for instance 'image_encoder.blocks.*'; may be repeated",
        HelpName = "PATTERN",
    };

    private readonly Option<string[]> _rates = new("--rate")
    {
        Description = "Learning rate of some keys as a fraction of the others'; of several that match the last one holds",
        HelpName = "PATTERN=F",
    };

    private readonly Option<float> _layerDecay = new("--layer-decay")
    {
        Description = "Learning rate of each block of the image encoder as a fraction of the next one's, so that early ones change less",
        HelpName = "F",
        DefaultValueFactory = _ => defaults.Optimizer.LayerDecay,
    };

    private readonly Option<int> _masks = new("--masks")
    {
        Description = "Most masks of a picture, each asked for by box and by click",
        HelpName = "N",
        DefaultValueFactory = _ => defaults.MasksPerImage,
    };

    private readonly Option<int> _seed = new("--seed")
    {
        Description = "Chooses first weights and pictures", HelpName = "N", DefaultValueFactory = _ => defaults.Seed,
    };

    private readonly Option<int> _checkpointEvery = new("--checkpoint-every")
    {
        Description = "Steps between checkpoints",
        HelpName = "N",
        DefaultValueFactory = _ => defaults.CheckpointEvery,
    };

    /// <summary>All options, for a verb to accept.</summary>
    public Symbol[] Symbols => [_optimizer, _rate, _finalRate, _warmup, _freeze, _rates, _layerDecay, _masks, _seed, _checkpointEvery];

    /// <summary>The training's options with those that are given.</summary>
    public T Apply<T>(T options, ParseResult arguments) where T : OptimizationOptions
    {
        OptimizationOptions given = options with
        {
            Optimizer = options.Optimizer with
            {
                Method = (OptimizerMethod)OptimizerNames.IndexOf(arguments.GetRequiredValue(_optimizer)),
                LearningRate = arguments.GetValue(_rate),
                LayerDecay = arguments.GetValue(_layerDecay),
                Rates =
                [
                    .. (arguments.GetValue(_freeze) ?? []).Select(pattern => new KeyRate(pattern, 0)),
                    .. (arguments.GetValue(_rates) ?? []).Select(KeyRate.Parse),
                ],
            },
            FinalRate = arguments.GetValue(_finalRate),
            WarmupSteps = arguments.GetValue(_warmup),
            MasksPerImage = arguments.GetValue(_masks),
            Seed = arguments.GetValue(_seed),
            CheckpointEvery = arguments.GetValue(_checkpointEvery),
        };
        return (T)given;
    }

    private static Option<string> OptimizerOption(OptimizerMethod method)
    {
        var option = new Option<string>("--optimizer")
        {
            Description = "How gradients become steps: adamw, or muon, which makes the steps of matrices orthogonal and bears higher rates",
            HelpName = string.Join('|', OptimizerNames),
            DefaultValueFactory = _ => OptimizerNames[(int)method],
        };
        option.AcceptOnlyFromAmong(OptimizerNames);
        return option;
    }
}
