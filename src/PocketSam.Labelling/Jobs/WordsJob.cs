using System.Text.Json;
using PocketSam.Labelling.Api;
using PocketSam.Labelling.Storage;
using PocketSam.Server;

namespace PocketSam.Labelling.Jobs;

/// <summary>
/// Finds objects by words, in one picture or in all. Proposals get the class that is named like the phrase.
/// </summary>
internal sealed class WordsJob(ProjectDatabase database, PictureSearch searches, LabelJobs jobs, PocketSamWords words, PocketSamModel model)
{
    public const string Kind = "words";

    /// <summary>
    /// A mask that shares more than this fraction of the smaller area with an object of its class is part of that
    /// object, or the object of it.
    /// </summary>
    private const double Within = 0.85;

    /// <summary>Starts the job.</summary>
    /// <exception cref="LabelException">The request is invalid, names an unknown picture, or such a job is
    /// running.</exception>
    /// <exception cref="PromptException">The text has no words, or none between two commas.</exception>
    public async Task<JobDocument> StartAsync(WordsRequest request)
    {
        bool isAll = PictureSearch.IsAll(request.Scope);
        if (!isAll && request.PictureId is null)
            throw LabelException.Invalid("pictureId: a picture is expected, or scope all");
        PocketSamWordSearch search = words.Ask(Words.Require(request.Text, "text", int.MaxValue));
        (StoredPicture? picture, List<ClassDocument> classes) = await database.ReadAsync(async session => (
            request.PictureId is { } id ? await PictureTable.GetAsync(session, id) : null, await ClassTable.AllAsync(session)));
        var classOf = search.Phrases.ToDictionary(phrase => phrase, phrase => ClassOf(phrase, classes));
        return jobs.StartOwn(Kind, (report, cancellation) => RunAsync(search, classOf, picture, isAll, report, cancellation));
    }

    private Task<JsonElement?> RunAsync(
        PocketSamWordSearch search, Dictionary<string, long?> classOf, StoredPicture? picture, bool isAll, Action<long, long, string> report,
        CancellationToken cancellation)
    {
        return searches.RunAsync(
            ProposalTable.Words, picture, null, isAll, Find,
            result => result with { NotFound = [.. search.Phrases.Except(result.Found.Select(found => found.Phrase!))] }, report, cancellation);

        IReadOnlyList<PictureSearch.Answer> Find(
            RgbImage image, IReadOnlyList<PictureSearch.KnownObject> known, CancellationToken stop)
        {
            var found = new List<PictureSearch.Answer>();
            foreach (GroundedMask mask in search.Find(image, stop))
            {
                stop.ThrowIfCancellationRequested();
                Rle runs = mask.Mask.Segmentation;
                long? its = classOf[mask.Phrase];
                if (runs.Area > 0 && !known.Any(thing => IsThere(runs, its, thing)) && !found.Exists(other => ProposalTable.IsSame(runs, other.Mask)))
                    found.Add(new PictureSearch.Answer(runs, mask.Score, its, mask.Phrase));
            }

            return found;
        }
    }

    private static bool IsThere(Rle mask, long? its, PictureSearch.KnownObject thing)
        => ProposalTable.IsSame(mask, thing.Mask)
            || (thing.ClassId == its && Rle.Intersect(mask, thing.Mask).Area > Within * Math.Min(mask.Area, thing.Mask.Area));

    /// <summary>
    /// The class with the phrase as its name, else one whose name is another form of the same word; null for none.
    /// </summary>
    private long? ClassOf(string phrase, List<ClassDocument> classes)
    {
        WordVocabulary? known = model.Current.Words;
        ClassDocument? its = classes.Find(one => string.Equals(one.Name, phrase, StringComparison.OrdinalIgnoreCase));
        if (its is null && known?.Find(phrase) is { } word)
            its = classes.Find(one => known.Find(one.Name) == word);
        return its?.Id;
    }
}
