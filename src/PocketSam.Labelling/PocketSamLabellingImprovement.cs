using PocketSam.Imaging;
using PocketSam.Labelling.Api;
using PocketSam.Labelling.Improvement;
using PocketSam.Labelling.Pictures;
using PocketSam.Labelling.Storage;
using PocketSam.Training.FineTuning;

namespace PocketSam.Labelling;

/// <summary>Fine-tunes a model on the objects of a labelling project, without a service.</summary>
public sealed class PocketSamLabellingImprovement
{
    private readonly PocketSamLabellingOptions _options;
    private readonly Sam _origin;
    private readonly ModelFiles _files;

    /// <param name="options">The project, which must be there; classes do not count.</param>
    /// <param name="origin">The model that the project is opened with.</param>
    /// <exception cref="IOException">An improved model is there and cannot be read.</exception>
    public PocketSamLabellingImprovement(PocketSamLabellingOptions options, Sam origin)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(origin);
        (_options, _origin, _files) = (options, origin, new ModelFiles(PocketSamLabellingOptions.FileOf(options)));
        Model = _files.InUse(origin);
    }

    /// <summary>The model in use: the one that was accepted last, or the one that the project is opened with.</summary>
    public Sam Model { get; private set; }

    /// <summary>The file of the model that is offered.</summary>
    public string OfferedFile => _files.Offered;

    /// <summary>The file of the model that was accepted.</summary>
    public string AcceptedFile => _files.Improved;

    /// <summary>Tunes the model in use. Where that makes it better the result is written.</summary>
    /// <param name="options">How it is done.</param>
    /// <param name="output">Where the result is written; null offers it, for <see cref="Accept"/> or the labelling page.</param>
    /// <param name="progress">Told how far it is.</param>
    /// <param name="cancellation">Stops it; nothing is written.</param>
    /// <exception cref="IOException">
    /// The project cannot be read, has too few pictures that are done, or lies in another folder; or the result cannot be written, which is
    /// found out first.
    /// </exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public async Task<FineTuningResult> RunAsync(
        FineTuningOptions options, string? output = null, IProgress<FineTuningProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        string file = PocketSamLabellingOptions.FileOf(_options);
        if (string.IsNullOrEmpty(_options.Database) && !File.Exists(file))
            throw new IOException($"{file}: there is no such project; 'label' makes one");
        ModelFiles.RequireWritable(output ?? _files.Offered);
        IReadOnlyList<FineTuningPicture> pictures = await ReadAsync(file);
        FineTuningResult result = await Task.Run(
            () => new FineTuner(Model, path => ImageFile.Read(path), options).Run(pictures, progress, cancellation), cancellation);
        if (!result.IsBetter)
        {
            if (output is null)
                _files.Withdraw();
        }
        else if (output is null)
        {
            _files.Offer(result, _origin);
        }
        else
        {
            ModelFiles.Write(output, result, _origin);
        }

        return result;
    }

    /// <summary>Puts the model that is offered in use, now and when the project is opened again.</summary>
    /// <exception cref="IOException">None is offered, or a file cannot be moved.</exception>
    public void Accept() => Model = Told(() => _files.Accept(_origin));

    /// <summary>Puts the model from before in use; the one that was in use is offered.</summary>
    /// <exception cref="IOException">It is in use already, or a file cannot be moved.</exception>
    public void GoBack() => Model = Told(() => _files.GoBack(_origin));

    private async Task<IReadOnlyList<FineTuningPicture>> ReadAsync(string file)
    {
        using ProjectDatabase database = string.IsNullOrEmpty(_options.Database)
            ? new SqliteDatabase(file) : new PostgresDatabase(_options.Database);
        await database.PrepareAsync();
        try
        {
            return await LabelledPictures.ReadAsync(database, new PictureFolder(_options.Folder));
        }
        catch (LabelException e)
        {
            throw new IOException($"{database.Name}: {e.Message}", e);
        }
    }

    private static T Told<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (LabelException e)
        {
            throw new IOException(e.Message, e);
        }
    }
}
