using System.Globalization;
using System.Security.Cryptography;
using PocketSam.Training.Data;
using PocketSam.Training.Evaluation;
using PocketSam.Training.Evaluation.Detections;

namespace PocketSam.Cli.Sharding;

/// <summary>
/// A share of an evaluation by average precision: the masks that a model predicts for the boxes of each picture.
/// </summary>
internal static class DetectionPart
{
    private const string Measure = "measure", Model = "model", Data = "data", Digest = "SHA-256 of the data", Images = "images";
    private const string Boxes = "boxes", Selection = "mask choice", Refines = "fed back", Compares = "compared", Categories = "categories";
    private const string Limits = "largest numbers of detections";
    private const string Yes = "yes", No = "no", OfBoxes = "boxes", OfMasks = "masks", Lvis = "lvis-ap", Coco = "coco-ap";

    /// <summary>Whether the parts of an evaluation are of this kind.</summary>
    public static bool Are(PartSet parts) => parts.Run.Facts.ContainsKey(Measure);

    /// <summary>Computes the missing pictures of a share.</summary>
    /// <param name="folder">The folder of the part file.</param>
    /// <param name="share">The share.</param>
    /// <param name="sam">The model.</param>
    /// <param name="truths">The pictures and ground-truth objects.</param>
    /// <param name="images">The folder of the pictures; null if not given.</param>
    /// <param name="boxes">The boxes of a detector; null for the boxes of the ground-truth objects.</param>
    /// <param name="options">Which mask is used, whether it is fed back once, and so on.</param>
    /// <param name="rules">The rules of the evaluation.</param>
    /// <param name="reader">Decodes the pictures.</param>
    /// <param name="progress">Reports each picture.</param>
    /// <param name="cancellation">Checked before each picture.</param>
    /// <returns>The number of pictures of the share, and how many were already done.</returns>
    /// <exception cref="IOException">The part is of another run or cannot be written, or a picture cannot be
    /// read.</exception>
    public static (int Pictures, int Present) Write(
        string folder, Share share, Sam sam, DetectionTruths truths, string? images, Detections? boxes, MeasureOptions options,
        DetectionOptions rules, PictureReader reader, IProgress<EvaluationProgress> progress, CancellationToken cancellation)
    {
        string[] names = [.. truths.Images.Select(image => PictureKey.Of(truths.Path, image))];
        var facts = new Dictionary<string, string>
        {
            [Measure] = rules.UsesLvisRules ? Lvis : Coco, [Model] = sam.Name, ["encoder"] = sam.Fingerprint,
            ["decoder"] = sam.DecoderFingerprint, [Data] = truths.Path, [Digest] = DigestOf(truths.Path),
            [Selection] = options.Selection.ToString(), [Refines] = options.Refines ? Yes : No,
            [Compares] = rules.ComparesBoxes ? OfBoxes : OfMasks, [Categories] = rules.UsesCategories ? Yes : No,
            [Limits] = string.Join(',', rules.MaxDetections.Select(limit => limit.ToString(CultureInfo.InvariantCulture))),
            ["input size"] = (options.ImageSize ?? sam.Config.ImageSize).ToString(CultureInfo.InvariantCulture),
        };
        if (images is not null)
            facts[Images] = images;
        if (boxes is not null)
            (facts[Boxes], facts["SHA-256 of the boxes"]) = (boxes.Name, DigestOf(boxes.Name));
        using var log = new PartLog(folder, PartOf.Of(EvaluationPart.Verb, share, names, facts));
        int[] own = [.. names.Index().Where(one => share.Holds(one.Item)).Select(one => one.Index)];
        if (log.IsWhole)
            return (own.Length, own.Length);
        var done = new HashSet<int>(log.Items.Select(item => item.Place));
        DetectionMeasure.MakeMasksOfBoxes(
            sam, reader, truths, boxes, options, [.. own.Where(place => !done.Contains(place))],
            (place, masks) => log.Add(new PartItem(
                place, names[place], Error: masks is null ? options.Failures?.ReasonOf(truths.Images[place].Path) : null, Masks: masks)),
            progress, cancellation);
        log.End();
        return (own.Length, done.Count);
    }

    /// <summary>The report and masks of all parts, equal to those of one process.</summary>
    /// <exception cref="IOException">The parts are not of such an evaluation, or the data have changed.</exception>
    public static (MeasureReport Report, Detections Masks) Join(PartSet parts, CancellationToken cancellation)
    {
        string Fact(string name) => parts.Run.Facts.GetValueOrDefault(name)
            ?? throw new IOException($"{parts.Items[0].Folder}: the parts do not say what was measured");
        string data = Fact(Data);
        if (DigestOf(data) != Fact(Digest))
            throw new IOException($"{data}: has changed since the shares were measured");
        var truths = DetectionTruths.Load(data, parts.Run.Facts.GetValueOrDefault(Images));
        if (!Enum.TryParse(Fact(Selection), out MaskSelection selection))
            throw new IOException($"{parts.Items[0].Folder}: the mask choice {Fact(Selection)} is not known");
        int[] limits = [.. Fact(Limits).Split(',').Select(text => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int limit) ? limit : 0)];
        try
        {
            return DetectionMeasure.CountMasksOfBoxes(
                Fact(Model), truths, parts.Run.Facts.GetValueOrDefault(Boxes), [.. parts.Items.Select(one => one.Item.Masks)],
                new MeasureOptions { Selection = selection, Refines = Fact(Refines) == Yes },
                new DetectionOptions
                {
                    ComparesBoxes = Fact(Compares) == OfBoxes, UsesCategories = Fact(Categories) == Yes, UsesLvisRules = Fact(Measure) == Lvis,
                    MaxDetections = limits,
                },
                cancellation);
        }
        catch (ArgumentException e)
        {
            throw new IOException($"{parts.Items[0].Folder}: {e.Message}", e);
        }
    }

    private static string DigestOf(string path)
    {
        using FileStream file = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(file));
    }
}
