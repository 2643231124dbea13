using System.CommandLine;
using System.Globalization;
using PocketSam.Datasets;
using PocketSam.Datasets.Writing;
using PocketSam.Cli.Reports;
using PocketSam.Cli.Sharding;

namespace PocketSam.Cli.Verbs;

/// <summary><c>convert-data</c>: converts a data set from one format to another.</summary>
internal sealed class ConvertDataVerb : Verb
{
    /// <summary>The verb in part files.</summary>
    public const string PartVerb = DataSetPart.Verb;

    private static readonly string[] Sources = [.. DatasetFormat.All.Select(format => format.Name)];
    private static readonly string[] Targets = [.. DatasetWriter.All.Select(writer => writer.Name)];

    private readonly Argument<string> _input = new("IN")
    {
        Description = "A file or folder: COCO, YOLO's segmentation labels (data.yaml), labelme, CVAT for images, Label Studio "
            + "(JSON, JSON-MIN), or PNG masks, one for each picture or each object",
    };

    private readonly Argument<string> _output = new("OUT")
    {
        Description = "A new folder; of coco and labelstudio a .json file, of cvat an .xml file",
    };

    private readonly Option<string> _format = new("--format")
    {
        Description = $"What to write: {string.Join(", ", Targets)}; 'masks' are pictures of numbers, 'mask' a black and white one an object",
        HelpName = "NAME", Required = true,
    };

    private readonly Option<string?> _from = new("--from")
    {
        Description = $"What IN is, where that is not told from it: {string.Join(", ", Sources)}", HelpName = "NAME",
    };

    private readonly Option<string?> _images = new("--images")
    {
        Description = "The folder of the pictures (default: that of IN)", HelpName = "DIR",
    };

    private readonly Option<string?> _classes = new("--classes")
    {
        Description = "Names of the classes, a line each, that come first and in this order in what is written", HelpName = "FILE",
    };

    private readonly Option<double> _tolerance = new("--tolerance")
    {
        Description = "Pixels that simplified outlines may lie off",
        HelpName = "PIXELS",
        DefaultValueFactory = _ => MaskFormat.DefaultTolerance,
    };

    private readonly ShareOption _share = new();

    public ConvertDataVerb()
        : base(
            "convert-data", "Write a data set of masks in another format",
            "convert-data labelme-folder photos.json --format coco",
            "convert-data annotations.xml labels --images photos --format yolo",
            "convert-data yolo/data.yaml labelme --format labelme --tolerance 0",
            "convert-data photos.json for-cvat.xml --format cvat",
            "convert-data photos.json labels --format yolo --shard 1/4")
    {
        _format.AcceptOnlyFromAmong(Targets);
        _from.AcceptOnlyFromAmong(Sources);
        _tolerance.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<double>() is not (>= 0 and <= 1000))
                result.AddError($"{_tolerance.Name}: expected a number from 0 to 1000");
        });
        Accept(_input, _output, _format, _from, _images, _classes, _tolerance, _share.Symbol);
    }

    protected override void Declare(ParseResult arguments, RunFiles files)
    {
        files.Read(arguments.GetRequiredValue(_input), arguments.GetValue(_classes));
        string output = arguments.GetRequiredValue(_output);
        files.Write(output);
        if (WriterOf(arguments).Companion(output) is { } companion)
            files.Write(companion);
    }

    protected override void Execute(ParseResult arguments, Terminal terminal, CancellationToken cancellation)
    {
        string input = arguments.GetRequiredValue(_input), output = arguments.GetRequiredValue(_output);
        DatasetWriter writer = WriterOf(arguments);
        TextWriter text = TextOf(terminal);
        Share? share = _share.Of(arguments, text);
        if (share is null)
            RequireOutput(output, writer);
        else if (writer.Extension is { } extension)
            OutputPath.Require(output, extension);
        if (!File.Exists(input) && !Directory.Exists(input))
            throw new IOException($"{input}: there is no such file or folder");
        DatasetFormat format = arguments.GetValue(_from) is { } name
            ? DatasetFormat.All.First(f => f.Name == name)
            : DatasetFormat.All.FirstOrDefault(f => f.Recognises(input))
                ?? throw new IOException($"{input}: no data set that is known ({string.Join(", ", Sources)}); --from says which it is");
        string home = Directory.Exists(input) ? input : Path.GetDirectoryName(Path.GetFullPath(input))!;
        string? images = arguments.GetValue(_images);
        if (images is not null && !Directory.Exists(images))
            throw new IOException($"{images}: there is no such folder");
        var set = new DatasetReading(
            input, new PictureIndex(images ?? home, images is null ? format.IsPicture : null), prefersImages: images is not null,
            Classes(arguments.GetValue(_classes)));
        List<LabelledPicture> pictures = [.. format.Read(set).Select(picture =>
        {
            cancellation.ThrowIfCancellationRequested();
            return picture;
        })];
        set.AddClasses(pictures.SelectMany(picture => picture.Annotations).Select(a => a.Label).OfType<string>()
            .Where(label => !string.IsNullOrWhiteSpace(label)).Select(label => label.Trim()));
        Files.Read(set.Inputs);
        Files.Read(pictures.Select(picture => picture.File));
        if (share is not null)
        {
            var facts = new Dictionary<string, string>
            {
                ["input"] = input, ["from"] = format.Name, [DataSetPart.Format] = writer.Name, [DataSetPart.Output] = Path.GetFileName(Path.GetFullPath(output)),
                ["tolerance"] = arguments.GetValue(_tolerance).ToString(CultureInfo.InvariantCulture),
                [DataSetPart.Classes] = string.Join('\n', set.Classes),
            };
            (output, pictures) = DataSetPart.Write(output, share, writer, pictures, set, facts, arguments.GetValue(_tolerance), cancellation);
        }
        else
        {
            writer.Write(output, pictures, set, arguments.GetValue(_tolerance), cancellation);
        }

        foreach (string line in set.LeftOut)
            text.WriteLine(line);
        var report = new ConvertDataReport(
            format.Name, output, pictures.Count, pictures.Count(picture => picture.File is null),
            pictures.Sum(picture => picture.Annotations.Count), set.LeftOutCount, set.Classes);
        if (report.Missing > 0)
            text.WriteLine($"{report.Missing} pictures were not found; --images says where they lie");
        text.WriteLine($"wrote {output}: {report.Masks} masks of {report.Pictures} pictures from {format.Name}");
        WriteJson(arguments, terminal, report, ConvertDataJson.Default.ConvertDataReport);
    }

    private DatasetWriter WriterOf(ParseResult arguments)
        => DatasetWriter.All.First(writer => writer.Name == arguments.GetRequiredValue(_format));

    private static void RequireOutput(string output, DatasetWriter writer)
    {
        if (writer.Extension is { } extension)
            OutputPath.Require(output, extension);
        else
            OutputPath.RequireNewFolder(output);
    }

    private static string[] Classes(string? file)
        => file is null ? [] : [.. File.ReadLines(file).Select(line => line.Trim()).Where(line => line.Length > 0)];
}
