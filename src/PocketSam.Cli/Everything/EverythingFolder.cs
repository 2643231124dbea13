using PocketSam.Cli.Pictures;
using PocketSam.Cli.Reports;
using PocketSam.Cli.Sharding;
using PocketSam.Imaging;
using PocketSam.Training.Data;

namespace PocketSam.Cli.Everything;

/// <summary>
/// Finds all masks of many pictures. An existing result is kept if it is of the same picture, model and options; a
/// result of others is replaced; a file that this command has not written is reported and left alone.
/// </summary>
internal sealed class EverythingFolder
{
    private const string OverlayExtension = ".png";

    private readonly MaskFinder _finder;
    private readonly ResultFormat _format;
    private readonly string? _overlays;
    private readonly bool _overwrite;
    private readonly ImageReadOptions _reading;
    private readonly string _output;
    private readonly string _request;
    private readonly ResultLog _results;
    private readonly ResultLog? _drawn;

    /// <param name="finder">Finds the masks.</param>
    /// <param name="format">Format of the results.</param>
    /// <param name="output">The existing folder of the results.</param>
    /// <param name="overlays">The existing folder of the overlays, or null for none.</param>
    /// <param name="overwrite">Whether existing results are always replaced.</param>
    /// <param name="reading">Options for reading pictures.</param>
    /// <param name="share">The share of the pictures that this run handles, or null for all.</param>
    public EverythingFolder(
        MaskFinder finder, ResultFormat format, string output, string? overlays, bool overwrite, ImageReadOptions reading,
        Share? share)
    {
        (_finder, _format, _output, _overlays, _overwrite, _reading) = (finder, format, output, overlays, overwrite, reading);
        _request = finder.Request;
        _results = ResultLog.Open(output, share);
        _drawn = overlays is null ? null : ResultLog.Open(overlays, share);
    }

    /// <summary>Path of a picture's overlay.</summary>
    public static string OverlayOf(string overlays, PictureJob job) => Path.Combine(overlays, job.Name + OverlayExtension);

    /// <summary>Handles one picture.</summary>
    /// <returns>The result; a picture that cannot be read gives a failure and no exception.</returns>
    /// <exception cref="IOException">A result cannot be written.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellation"/> was cancelled.</exception>
    public SegmentedImage Run(PictureJob job, IProgress<double> progress, CancellationToken cancellation)
    {
        string? overlay = _overlays is null ? null : OverlayOf(_overlays, job);
        string result = $"{_request} {_format} from {Path.GetRelativePath(_output, job.Picture)}", drawing = $"{_request} overlay";
        string hash;
        RgbImage image;
        try
        {
            hash = PictureKey.Hash(job.Picture);
            if (!_overwrite)
            {
                ResultState state = _results.StateOf(job.Target, hash, result);
                ResultState drawn = overlay is null ? ResultState.Done : _drawn!.StateOf(overlay, hash, drawing);
                if (state == ResultState.Foreign || drawn == ResultState.Foreign)
                    return Failed($"{(state == ResultState.Foreign ? job.Target : overlay)}: was not written by this command, or was changed since; --overwrite replaces it");
                if (state == ResultState.Done && drawn == ResultState.Done)
                    return new SegmentedImage(job.Picture, job.Target, SegmentedImage.Present);
            }

            image = ImageFile.Read(job.Picture, _reading, cancellation);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Failed(e.Message);
        }

        IReadOnlyList<GeneratedMask> masks = _finder.Find(image, progress, cancellation).Masks;
        if (overlay is not null)
        {
            RgbImage canvas = new(image.Width, image.Height, [.. image.Pixels]);
            Overlay.PaintEncoded(canvas, [.. masks.Select(mask => mask.Segmentation)]);
            CreateFolderOf(overlay);
            ImageFile.Write(overlay, canvas);
            _drawn!.Add(overlay, hash, drawing);
        }

        CreateFolderOf(job.Target);
        _format.Write(job.Target, job.Picture, image, masks, cancellation);
        _results.Add(job.Target, hash, result);
        return new SegmentedImage(job.Picture, job.Target, SegmentedImage.Written, masks.Count);

        SegmentedImage Failed(string error) => new(job.Picture, null, SegmentedImage.Failed, Error: error);
    }

    /// <summary>Merges the COCO files of pictures into one, with picture paths relative to its own folder.</summary>
    /// <param name="path">The file to write.</param>
    /// <param name="results">The COCO files of the pictures, in order.</param>
    /// <exception cref="IOException">A result cannot be read, or the file cannot be written.</exception>
    public static void Merge(string path, IEnumerable<string> results)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        CocoWriter.Write(path, results.SelectMany(result => CocoDataset.Load(result).Images)
            .Select(image => new AnnotatedPicture(
                Path.GetRelativePath(folder, image.Path).Replace(Path.DirectorySeparatorChar, '/'), image.Width, image.Height,
                [.. image.Annotations.Select(annotation => new Annotation(annotation.Decode()))])));
    }

    private static void CreateFolderOf(string path)
    {
        if (Path.GetDirectoryName(path) is { Length: > 0 } folder)
            OutputPath.CreateFolder(folder);
    }
}
