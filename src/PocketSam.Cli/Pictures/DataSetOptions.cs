using System.CommandLine;
using System.Globalization;
using PocketSam.Imaging;
using PocketSam.Training.Data;
using PocketSam.Training.Evaluation.Detections;
using PocketSam.Training.Evaluation.Edges;

namespace PocketSam.Cli.Pictures;

/// <summary>
/// Options for reading data sets: the folder of pictures, the handling of EXIF orientation, and how many pictures may
/// fail. Collects what is left out, to be reported at the end.
/// </summary>
internal sealed class DataSetOptions
{
    private const int DefaultMaxFailures = 100;

    private readonly Option<string?> _images = Images();

    private readonly Option<bool> _storedPixels = new("--stored-pixels")
    {
        Description = "Take pictures as stored, without their EXIF orientation: for masks that were drawn so",
    };

    private readonly Option<int?> _maxFailures = CommonOptions.Number(
        "--max-failures", "Pictures that may be missing or broken: they are left out and told, and the exit code is 1",
        least: 0, byDefault: DefaultMaxFailures);

    private readonly Option<int?> _maxMegapixels = CommonOptions.MaxMegapixels();

    private readonly List<CocoDataset> _sets = [];
    private PictureFailures? _failures;
    private int _turned;

    /// <summary>All options, for a verb to accept.</summary>
    public Symbol[] Symbols => [_images, _storedPixels, _maxFailures, _maxMegapixels];

    /// <summary><c>--images</c></summary>
    public static Option<string?> Images() => new("--images")
    {
        Description = "The folder of a COCO file's pictures (default: the file's own, images/, or as COCO lies: "
            + "annotations/instances_val2017.json beside val2017/)",
        HelpName = "DIR",
    };

    /// <summary>The folder of the pictures, where one was given.</summary>
    public string? ImagesOf(ParseResult arguments) => arguments.GetValue(_images);

    /// <summary>The orientation of pictures as a setting: upright, or as stored.</summary>
    public string OrientationOf(ParseResult arguments) => arguments.GetValue(_storedPixels) ? "as stored" : "upright";

    /// <summary>Reads a data set.</summary>
    /// <exception cref="DataFormatException">The data set cannot be used.</exception>
    public CocoDataset Load(ParseResult arguments, string path)
    {
        CocoDataset data = CocoDataset.Load(path, arguments.GetValue(_images));
        _sets.Add(data);
        return data;
    }

    /// <summary>Reads objects with the annotations that COCO's and LVIS's evaluations need.</summary>
    /// <exception cref="DataFormatException">The file cannot be used.</exception>
    public DetectionTruths LoadTruths(ParseResult arguments, string path) => DetectionTruths.Load(path, arguments.GetValue(_images));

    /// <summary>Reads boundaries that people have marked.</summary>
    /// <exception cref="DataFormatException">The file cannot be used.</exception>
    public BoundaryTruths LoadBoundaries(ParseResult arguments, string path)
        => BoundaryTruths.Load(path, arguments.GetValue(_images));

    /// <summary>Returns a function that reads pictures; thread-safe.</summary>
    public PictureReader Reader(ParseResult arguments)
    {
        bool isStored = arguments.GetValue(_storedPixels);
        ImageReadOptions options = CommonOptions.Reading(arguments.GetValue(_maxMegapixels)) with
        {
            IgnoresOrientation = isStored,
            Oriented = isStored ? null : _ => Interlocked.Increment(ref _turned),
        };
        return path => ImageFile.Read(path, options);
    }

    /// <summary>The record of pictures that fail, one for all steps of a command.</summary>
    public PictureFailures Failures(ParseResult arguments)
        => _failures ??= new PictureFailures(arguments.GetValue(_maxFailures) ?? DefaultMaxFailures);

    /// <summary>Reports what is left out.</summary>
    public void Report(TextWriter text)
    {
        foreach (CocoDataset data in _sets.Where(data => data.LeftOutCount > 0))
        {
            text.WriteLine($"left out: {data.LeftOutCount} annotations of {data.Path} without a usable mask, the first: {data.LeftOut[0]}");
        }

        if (_turned > 0)
        {
            text.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"turned: pictures with an EXIF orientation were read upright ({_turned} readings); {_storedPixels.Name} if the masks were drawn on the stored pixels"));
        }

        foreach (string message in _failures?.Messages ?? [])
            text.WriteLine($"left out: {message}");
    }

    /// <summary>Throws if pictures are left out; called after all other work.</summary>
    /// <exception cref="IOException">Pictures are left out; the message has their number and the first one.</exception>
    public void ThrowIfFailed()
    {
        if (_failures?.Messages is [var first, ..] and { Count: var count })
            throw new IOException(count == 1 ? $"a picture was left out: {first}" : $"{count} pictures were left out: {first}");
    }
}
