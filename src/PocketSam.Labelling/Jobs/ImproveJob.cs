using System.Text.Json;
using PocketSam.Imaging;
using PocketSam.Labelling.Api;
using PocketSam.Labelling.Improvement;
using PocketSam.Labelling.Pictures;
using PocketSam.Labelling.Storage;
using PocketSam.Server;
using PocketSam.Training.FineTuning;
using PocketSam.Training.Optimization;

namespace PocketSam.Labelling.Jobs;

/// <summary>
/// Fine-tunes the model in use on the pictures that are done, on all processors but one. Offers the result if it is
/// better on held-out pictures; a person decides whether to use it.
/// </summary>
internal sealed class ImproveJob(
    ProjectDatabase database, PictureFolder folder, LabelJobs jobs, Sam origin, PocketSamModel model, ModelFiles files)
{
    public const string Kind = "improve";

    /// <summary>The total of the reported progress.</summary>
    private const int Parts = 1000;

    /// <summary>The shortest, longest and default time, in minutes.</summary>
    private const double Least = 0.2, Most = 600, ByDefault = 10;

    /// <summary>Starts the job, or returns the running one.</summary>
    /// <exception cref="LabelException">The time is out of range, or there are too few pictures.</exception>
    /// <exception cref="IOException">The result cannot be written to the folder.</exception>
    public async Task<JobDocument> StartAsync(ImproveRequest request)
    {
        double minutes = request.Minutes ?? ByDefault;
        if (!(minutes is >= Least and <= Most))
            throw LabelException.Invalid($"minutes: {minutes} is not from {Least} to {Most}");
        ModelFiles.RequireWritable(files.Offered);
        IReadOnlyList<FineTuningPicture> pictures = await LabelledPictures.ReadAsync(database, folder);
        return jobs.Start(Kind, (report, cancellation) => Task.Run(
            async () => await RunAsync(pictures, TimeSpan.FromMinutes(minutes), report, cancellation), cancellation));
    }

    /// <summary>Makes the offered model the one in use.</summary>
    /// <exception cref="LabelException">No model is offered.</exception>
    public ModelDocument Accept() => Use(files.Accept(origin));

    /// <summary>Makes the model before the one in use again.</summary>
    /// <exception cref="LabelException">No improved model is in use.</exception>
    public ModelDocument GoBack() => Use(files.GoBack(origin));

    private ModelDocument Use(Sam sam)
    {
        model.Replace(sam);
        return new ModelDocument(Path.GetFileName(sam.Name), sam.Fingerprint, !ReferenceEquals(sam, origin));
    }

    private async Task<JsonElement?> RunAsync(
        IReadOnlyList<FineTuningPicture> pictures, TimeSpan time, Action<long, long, string> report, CancellationToken cancellation)
    {
        FineTuningResult result;
        try
        {
            var tuner = new FineTuner(
                model.Current, path => ImageFile.Read(path),
                new FineTuningOptions { Time = time, Threads = Math.Max(1, ComputeThreads.Count - 1) });
            result = tuner.Run(
                pictures, new Reporting(progress => report((long)(progress.Share * Parts), Parts, Describe(progress.Phase))), cancellation);
        }
        catch (Exception e) when (e is ArgumentException or TrainingDivergedException or DataFormatException)
        {
            throw LabelException.Invalid(e.Message);
        }

        if (result.IsBetter)
            files.Offer(result, origin);
        else
            files.Withdraw();
        report(Parts, Parts, "");
        Dictionary<string, long> ids = (await database.ReadAsync(session => session.QueryAsync(
            "SELECT path, id FROM pictures", row => (Path: row.GetString(0), Id: row.GetInt64(1))))).ToDictionary(row => row.Path, row => row.Id);
        return JsonSerializer.SerializeToElement(
            new ImproveResult(
                result.IsBetter, Document(result.Before), Document(result.After),
                [.. result.Pictures.Select(picture => Document(picture, ids.TryGetValue(picture.Picture.Name, out long id) ? id : null))],
                result.IsBetter ? Path.GetFileName(files.Offered) : null, result.Learned, result.Objects),
            LabelJson.Types.ImproveResult);
    }

    private static string Describe(FineTuningPhase phase) => phase switch
    {
        FineTuningPhase.MeasuringBefore => "Measuring the model in use",
        FineTuningPhase.Reading => "Reading the pictures",
        FineTuningPhase.Choosing => "Learning which mask is meant",
        FineTuningPhase.AllLayers => "Learning: all layers",
        _ => "Measuring the new model",
    };

    private static FiguresDocument Document(FineTuningFigures figures) => new(figures.Box, figures.Click);

    private static ImprovedPicture Document(FineTuningComparison picture, long? id) => new(
        id, picture.Picture.Name, picture.Before, picture.After,
        [
            .. picture.Clicks.Zip(picture.Masks, (click, masks)
                => new ImprovedObject([click.X, click.Y], Document(masks.Before), Document(masks.After))),
        ]);

    private static RleDocument Document(Rle mask) => new([mask.Height, mask.Width], mask.ToCompressed());

    /// <summary>Reports on the calling thread, unlike <see cref="Progress{T}"/>.</summary>
    private sealed class Reporting(Action<FineTuningProgress> report) : IProgress<FineTuningProgress>
    {
        public void Report(FineTuningProgress value) => report(value);
    }
}
