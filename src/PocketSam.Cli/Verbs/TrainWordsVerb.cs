using System.CommandLine;
using PocketSam.Cli.Pictures;
using PocketSam.Cli.Reports;
using PocketSam.Cli.Words;
using PocketSam.Training.Words;

namespace PocketSam.Cli.Verbs;

/// <summary><c>train-words</c>: learns a model's vocabulary from masks with names.</summary>
internal sealed class TrainWordsVerb : Verb
{
    private static readonly WordTrainerOptions Defaults = new();

    private readonly Argument<string> _input = new("IN") { Description = $"The model: '{Sam.DefaultName}', '{Sam.QualityName}', a name of 'models' that was pulled, or a file" };

    private readonly Argument<string> _output = new("OUT") { Description = "The same with words, .safetensors; all other tensors stay as they are" };

    private readonly Option<string[]> _data = new("--data")
    {
        Description = "A COCO instance file whose categories are the words; may be repeated", HelpName = "FILE.json", Required = true,
    };

    private readonly Option<string[]> _validation = new("--val")
    {
        Description = "A COCO instance file to measure on, not to learn from; may be repeated", HelpName = "FILE.json",
    };

    private readonly Option<string?> _names = new("--names")
    {
        Description = "Names of masks by picture and annotation, for data without categories", HelpName = "FILE.json",
    };

    private readonly Option<int?> _minMasks = CommonOptions.Number(
        "--min-masks", "Leave out words with fewer masks", least: 1, Defaults.MinMasks);

    private readonly Option<int?> _minPictures = CommonOptions.Number(
        "--min-pictures", "Leave out words in fewer pictures", least: 2, Defaults.MinPictures);

    private readonly Option<double?> _minPointing = CommonOptions.Share(
        "--min-pointing", $"Leave out words whose first mask is right in a smaller share of training pictures that they were not learned from (default: {FormattableString.Invariant($"{Defaults.MinPointing}")})");

    private readonly DataSetOptions _sets = new();

    public TrainWordsVerb()
        : base(
            "train-words", "Teach a model words, from masks with names",
            "train-words default mine.safetensors --data tools/train.json --val tools/val.json",
            "train-words quality quality-words.safetensors --data coco/train.json --names coco/categories.json --min-masks 20")
        => Accept([_input, _output, _data, _validation, _names, _minMasks, _minPictures, _minPointing, .. _sets.Symbols]);

    protected override void Declare(ParseResult arguments, RunFiles files)
    {
        files.ReadModel(arguments.GetRequiredValue(_input));
        files.Read([.. arguments.GetRequiredValue(_data), .. arguments.GetValue(_validation) ?? [], arguments.GetValue(_names)]);
        files.Write(arguments.GetRequiredValue(_output));
    }

    protected override void Execute(ParseResult arguments, Terminal terminal, CancellationToken cancellation)
    {
        string input = arguments.GetRequiredValue(_input), output = arguments.GetRequiredValue(_output);
        OutputPath.Require(output, ".safetensors");
        Dictionary<string, Dictionary<long, string>>? names = arguments.GetValue(_names) is { } path ? NameList.Read(path) : null;
        NamedPicture[] training = Load(arguments.GetRequiredValue(_data)), validation = Load(arguments.GetValue(_validation) ?? []);
        if (training.Length == 0)
            throw new UsageException($"{_data.Name}: no mask has a name but 'object'; {_names.Name} gives them some");
        Sam sam = Sam.Load(input);
        var trainer = new WordTrainer(sam, _sets.Reader(arguments), Defaults with
        {
            MinMasks = arguments.GetValue(_minMasks) ?? Defaults.MinMasks,
            MinPictures = arguments.GetValue(_minPictures) ?? Defaults.MinPictures,
            MinPointing = arguments.GetValue(_minPointing) ?? Defaults.MinPointing,
        });
        (WordVocabulary words, WordReport? report) = terminal.WithProgress(
            "learning words", progress => trainer.Train(training, validation, progress, cancellation));
        using Checkpoint model = Sam.ReadCheckpoint(input);
        words.Write(model, output);
        TextWriter text = TextOf(terminal);
        if (report is null)
            WordLines.Write(words.Words, text);
        else
            WordLines.Write(report, text);
        text.WriteLine($"{words.Words.Count} words from {training.Length} pictures; wrote {output}");
        _sets.Report(text);
        if (report is not null)
            WriteJson(arguments, terminal, report, WordsJson.Default.WordReport);

        NamedPicture[] Load(string[] files)
        {
            NamedPicture[] pictures = [.. files.Select(file => _sets.Load(arguments, file)).SelectMany(data => NameList.Of(data, names))];
            Files.Read(pictures.Select(picture => picture.Image.Path));
            return pictures;
        }
    }
}
