using System.CommandLine;
using System.Globalization;
using PocketSam.Cli.Pictures;
using PocketSam.Training.Data;
using PocketSam.Training.Data.Scenes;

namespace PocketSam.Cli.Trainings;

/// <summary>The options of the training data.</summary>
/// <param name="scenes">The default share of generated scenes.</param>
/// <param name="takesFolders">Whether the data may be folders of pictures without masks.</param>
internal sealed class SourceOptions(double scenes, bool takesFolders = false)
{
    /// <summary>The share of a data set whose weight is its number of pictures.</summary>
    private const string ByPictures = "pictures";

    private static readonly AugmentationOptions Defaults = new();

    private readonly Option<string[]> _data = new("--data")
    {
        Description = (takesFolders ? "A COCO instance file, or a folder of photos without masks where embeddings are learned," : "A COCO instance file,")
            + " and its share of what is drawn (default 1; 'pictures' for as many as it has); may be repeated",
        HelpName = $"{Form(takesFolders)}[=SHARE]",
    };

    private readonly Option<double> _scenes = new("--scenes")
    {
        Description = "Share of generated scenes among the pictures",
        HelpName = "SHARE",
        DefaultValueFactory = _ => scenes,
    };

    private readonly Option<int> _minArea = new("--min-area")
    {
        Description = "Pass over masks of fewer pixels at the input size",
        HelpName = "N",
        DefaultValueFactory = _ => Defaults.MinMaskArea,
    };

    private readonly Option<float> _minScale = new("--min-scale")
    {
        Description = "Smallest crop, as a fraction of the picture's longest side",
        HelpName = "F",
        DefaultValueFactory = _ => Defaults.MinScale,
    };

    private readonly Option<float> _zoomShare = new("--zoom-share")
    {
        Description = "Share of the crops that are a closer look at one object, as 'segment --zoom' takes it, 0 to 1",
        HelpName = "F",
        DefaultValueFactory = _ => Defaults.ZoomProbability,
    };

    private readonly Option<float> _colorJitter = new("--color-jitter")
    {
        Description = "Strength of the changes of colour, 0 to 1",
        HelpName = "F",
        DefaultValueFactory = _ => Defaults.ColorJitter,
    };

    /// <summary>All options, for a verb to accept.</summary>
    public Symbol[] Symbols => [_data, .. Augmenting, .. Sets.Symbols];

    /// <summary>The options of reading data sets.</summary>
    public DataSetOptions Sets { get; } = new();

    private Option[] Augmenting => [_scenes, _minArea, _minScale, _zoomShare, _colorJitter];

    /// <summary>The values of <c>--data</c>.</summary>
    public string[] Data(ParseResult arguments) => arguments.GetValue(_data) ?? [];

    /// <summary>The files of the data sets, without their shares.</summary>
    public IEnumerable<string> Files(ParseResult arguments) => Data(arguments).Select(option => FileOf(option));

    /// <summary>The name of the first given option that applies to augmented pictures only; null for none.</summary>
    public string? Augmentation(ParseResult arguments)
        => Augmenting.FirstOrDefault(o => arguments.GetResult(o) is { Implicit: false })?.Name;

    /// <summary>The sources with their shares, and the augmentation.</summary>
    /// <param name="arguments">The parsed arguments.</param>
    /// <param name="largest">The largest side of the input, in pixels; scenes have this size, so that no stage enlarges
    /// all of them.</param>
    /// <param name="needsMasks">Whether pictures without masks are passed over, and sets of them refused.</param>
    /// <param name="mixed">Takes the lines that describe the sources.</param>
    /// <param name="pictures">Takes the files of the pictures.</param>
    public SourceMix Mix(ParseResult arguments, int largest, bool needsMasks, List<string> mixed, List<string> pictures)
    {
        var sources = new List<(ITrainingSource Source, double Share)>();
        var counts = new List<string>();
        foreach (string option in Data(arguments))
        {
            int equals = option.LastIndexOf('=');
            (ITrainingSource source, int marked, int unmarked) = Source(arguments, FileOf(option), needsMasks, pictures);
            double share = 1;
            if (equals >= 0 && option[(equals + 1)..] == ByPictures)
                share = marked + unmarked;
            else if (equals >= 0 && !double.TryParse(option.AsSpan(equals + 1), CultureInfo.InvariantCulture, out share))
                throw new UsageException($"--data {option}: expected {Form(takesFolders)}=SHARE, the share a number or '{ByPictures}'");
            sources.Add((source, share));
            counts.Add($", {marked + unmarked} pictures" + (unmarked == 0 ? "" : marked == 0 ? " without masks" : $", {unmarked} of them without masks"));
        }

        double generated = arguments.GetValue(_scenes);
        if (!(generated >= 0))
            throw new UsageException($"--scenes {generated.ToString(CultureInfo.InvariantCulture)}: must not be negative");
        if (generated > 0)
        {
            int size = Math.Clamp(largest, 256, 1024);
            sources.Add((new SceneGenerator(new SceneOptions { Width = size, Height = size }), generated));
            counts.Add(", generated");
        }

        double total = sources.Sum(source => source.Share);
        foreach ((((ITrainingSource source, double share), string count), int i) in sources.Zip(counts).Select((s, i) => (s, i)))
        {
            mixed.Add(string.Create(
                CultureInfo.InvariantCulture, $"{(i == 0 ? "mixed:" : "      ")} {share / total,6:0.0%} {source.Name}{count}"));
        }

        return new SourceMix(sources, new AugmentationOptions
        {
            MinMaskArea = arguments.GetValue(_minArea),
            MinScale = arguments.GetValue(_minScale),
            ZoomProbability = arguments.GetValue(_zoomShare),
            ColorJitter = arguments.GetValue(_colorJitter),
        }, needsMasks);
    }

    /// <summary>The pictures of a COCO file or of a folder, and how many of them have masks and have none.</summary>
    private (ITrainingSource Source, int Marked, int Unmarked) Source(
        ParseResult arguments, string path, bool needsMasks, List<string> pictures)
    {
        if (takesFolders && Directory.Exists(path))
        {
            if (needsMasks)
                throw new UsageException($"--data {path}: a folder of pictures has no masks, and not every stage learns embeddings; give a COCO file");
            string[] paths = [.. PictureJobs.InFolder(path).Select(job => job.Picture)];
            pictures.AddRange(paths);
            return (new PhotoSource(path, paths, Sets.Reader(arguments), failures: Sets.Failures(arguments)), 0, paths.Length);
        }

        CocoDataset data = Sets.Load(arguments, path);
        var source = new CocoSource(data, Sets.Reader(arguments), failures: Sets.Failures(arguments), unmarked: !needsMasks);
        pictures.AddRange(data.Images.Select(image => image.Path));
        int marked = data.Images.Count(image => image.Annotations.Any(a => !a.IsCrowd));
        return (source, marked, needsMasks ? 0 : data.Images.Count - marked);
    }

    /// <summary>What a data set may be, for help and messages.</summary>
    private static string Form(bool takesFolders) => takesFolders ? "FILE.json|FOLDER" : "FILE.json";

    private static string FileOf(string option) => option.LastIndexOf('=') is >= 0 and var equals ? option[..equals] : option;
}
