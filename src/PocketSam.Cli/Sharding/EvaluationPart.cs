using System.Globalization;
using PocketSam.Training.Data;
using PocketSam.Training.Evaluation;

namespace PocketSam.Cli.Sharding;

/// <summary>A share of an evaluation: the values of each mask, written picture by picture.</summary>
internal static class EvaluationPart
{
    /// <summary>The verb in part files.</summary>
    public const string Verb = "evaluate";

    private const string Model = "model", Data = "data", Protocols = "protocols";

    /// <summary>Measures the missing pictures of a share.</summary>
    /// <returns>The number of pictures of the share, and how many were already measured.</returns>
    /// <exception cref="IOException">The part is of another run or cannot be written, or a picture cannot be
    /// read.</exception>
    public static (int Pictures, int Present) Write(
        string folder, Share share, Sam sam, CocoDataset data, EvaluationOptions options, PictureReader reader,
        IProgress<EvaluationProgress> progress, CancellationToken cancellation)
    {
        string[] names = [.. data.Images.Select(image => PictureKey.Of(data.Path, image))];
        var facts = new Dictionary<string, string>
        {
            [Model] = sam.Name, ["encoder"] = sam.Fingerprint, ["decoder"] = sam.DecoderFingerprint, [Data] = data.Path,
            [Protocols] = string.Join(',', options.Protocols.Select(protocol => protocol.Name)),
            ["least area"] = options.MinArea.ToString(CultureInfo.InvariantCulture),
            ["input size"] = (options.ImageSize ?? sam.Config.ImageSize).ToString(CultureInfo.InvariantCulture),
        };
        using var log = new PartLog(folder, PartOf.Of(Verb, share, names, facts));
        int[] own = [.. names.Index().Where(one => share.Holds(one.Item)).Select(one => one.Index)];
        if (log.IsWhole)
            return (own.Length, own.Length);
        var placeOf = own.ToDictionary(place => data.Images[place].Id);
        var done = new HashSet<int>(log.Items.Select(item => item.Place));
        int present = done.Count;
        new Evaluator(sam, reader, options).Measure(
            data, image => placeOf.TryGetValue(image.Id, out int place) && !done.Contains(place),
            record =>
            {
                int place = placeOf[record.Image];
                log.Add(new PartItem(place, names[place], Values: record.Values));
                done.Add(place);
            },
            progress, cancellation);
        foreach (int place in own.Where(place => !done.Contains(place)))
        {
            // The picture has no mask to measure, or is left out.
            string path = data.Images[place].Path;
            log.Add(new PartItem(place, names[place], Error: options.Failures?.ReasonOf(path)));
        }

        log.End();
        return (own.Length, present);
    }

    /// <summary>The report of all parts, equal to that of one process.</summary>
    /// <exception cref="IOException">The parts are not of such an evaluation.</exception>
    public static EvaluationReport Join(PartSet parts)
    {
        IReadOnlyDictionary<string, string> facts = parts.Run.Facts;
        if (!facts.TryGetValue(Model, out string? model) || !facts.TryGetValue(Data, out string? data)
            || !facts.TryGetValue(Protocols, out string? list))
        {
            throw new IOException($"{parts.Items[0].Folder}: the parts do not say what was measured");
        }

        try
        {
            return EvaluationReport.Of(
                model, data, EvaluationProtocol.ParseList(list),
                [.. parts.Items.Where(one => one.Item.Values is not null).Select(one => new PictureRecord(one.Item.Place, one.Item.Values!))]);
        }
        catch (FormatException e)
        {
            throw new IOException($"{parts.Items[0].Folder}: {e.Message}", e);
        }
    }
}
