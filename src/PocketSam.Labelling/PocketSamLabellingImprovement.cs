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

    /// <param name="options">The project, which must exist; <see cref="PocketSamLabellingOptions.Classes"/> is
    /// ignored.</param>
    /// <param name="origin">The model that the project is opened with.</param>
    /// <exception cref="IOException">There is an improved model that cannot be read.</exception>
    public PocketSamLabellingImprovement(PocketSamLabellingOptions options, Sam origin)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(origin);
        (_options, _origin, _files) = (options, origin, new ModelFiles(PocketSamLabellingOptions.FileOf(options)));
        Model = _files.InUse(origin);
    }

    /// <summary>The model in use: the accepted one, or the one that the project is opened with.</summary>
    public Sam Model { get; private set; }

    /// <summary>The file of the offered model.</summary>
    public string OfferedFile => _files.Offered;

    /// <summary>The file of the accepted model.</summary>
    public string AcceptedFile => _files.Improved;

    /// <summary>Fine-tunes the model in use; the result is written if it is better on held-out pictures.</summary>
    /// <param name="options">The options of the fine-tuning.</param>
    /// <param name="output">The file to write; null to offer the result, for <see cref="Accept"/> or the labelling
    /// page.</param>
    /// <param name="progress">Reports the progress.</param>
    /// <param name="cancellation">Stops the training; nothing is written then.</param>
    /// <exception cref="IOException">The project cannot be read, has too few pictures that are done, or belongs to
    /// another folder; or the result cannot be written, which is checked first.</exception>
    /// <exception cref="OperationCanceledException">The training is cancelled.</exception>
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

    /// <summary>Makes the offered model the one in use, also when the project is opened again.</summary>
    /// <exception cref="IOException">No model is offered, or a file cannot be moved.</exception>
    public void Accept() => Model = WithIOException(() => _files.Accept(_origin));

    /// <summary>Makes the model before the one in use again; the current one is then offered.</summary>
    /// <exception cref="IOException">No improved model is in use, or a file cannot be moved.</exception>
    public void GoBack() => Model = WithIOException(() => _files.GoBack(_origin));

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

    private static T WithIOException<T>(Func<T> work)
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
