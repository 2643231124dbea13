using PocketSam.Labelling.Api;
using PocketSam.Training.FineTuning;

namespace PocketSam.Labelling.Improvement;

/// <summary>
/// The files of models that are fine-tuned for a project, beside the project's file: the model in use, the one before
/// it, and the offered one. Without the first, the project uses the model that it is opened with.
/// </summary>
/// <param name="project">The project's file, which may be missing.</param>
internal sealed class ModelFiles(string project)
{
    /// <summary>
    /// The metadata key that names the origin: the model that the project is opened with. A file of another origin is
    /// ignored.
    /// </summary>
    public const string OriginKey = "pocketsam.improved.origin";

    private readonly string _project = Path.GetFullPath(project);
    private readonly Lock _gate = new();

    /// <summary>The file of the model in use.</summary>
    public string Improved => _project + ".improved.safetensors";

    /// <summary>The file of the model in use before the current one.</summary>
    public string Before => _project + ".improved.bak.safetensors";

    /// <summary>The file of the model that waits for a decision.</summary>
    public string Offered => _project + ".offered.safetensors";

    /// <summary>Checks that a file can be written to the folder of <paramref name="path"/>.</summary>
    /// <exception cref="IOException">The folder cannot be written to.</exception>
    public static void RequireWritable(string path)
    {
        string probe = path + ".probe";
        try
        {
            using (new FileStream(probe, FileMode.Create, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose))
            {
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"{path}: the improved model could not be written there: {e.Message}", e);
        }
    }

    /// <summary>
    /// The model in use: the improved one if it exists and has this origin, otherwise <paramref name="origin"/>.
    /// </summary>
    /// <exception cref="IOException">The file exists, but cannot be read or is damaged.</exception>
    public Sam InUse(Sam origin)
    {
        lock (_gate)
            return Find(Improved, origin) ?? origin;
    }

    /// <summary>Writes a model as the offered one.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Offer(FineTuningResult result, Sam origin)
    {
        lock (_gate)
            Write(Offered, result, origin);
    }

    /// <summary>Writes a model with its origin in the metadata.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Write(string path, FineTuningResult result, Sam origin)
        => result.Save(path, new Dictionary<string, string> { [OriginKey] = OriginOf(origin) });

    /// <summary>Deletes the offered model.</summary>
    public void Withdraw()
    {
        lock (_gate)
            File.Delete(Offered);
    }

    /// <summary>Makes the offered model the one in use, and keeps the one before.</summary>
    /// <exception cref="LabelException">No model is offered.</exception>
    /// <exception cref="IOException">A file cannot be moved, or the model cannot be read, which changes
    /// nothing.</exception>
    public Sam Accept(Sam origin)
    {
        lock (_gate)
        {
            Sam accepted = Find(Offered, origin) ?? throw new LabelException(
                409, "nothing_offered", "no improved model is offered: improve first");
            File.Delete(Before);
            if (File.Exists(Improved))
                File.Move(Improved, Before);
            File.Move(Offered, Improved);
            return accepted;
        }
    }

    /// <summary>Makes the model before the one in use again; the current one is then offered.</summary>
    /// <exception cref="LabelException">No improved model is in use.</exception>
    /// <exception cref="IOException">A file cannot be moved, or the model cannot be read.</exception>
    public Sam GoBack(Sam origin)
    {
        lock (_gate)
        {
            if (!File.Exists(Improved))
                throw new LabelException(409, "nothing_to_go_back", "the model from before is in use already");
            Sam before = Find(Before, origin) ?? origin;
            File.Move(Improved, Offered, overwrite: true);
            if (File.Exists(Before))
                File.Move(Before, Improved);
            return before;
        }
    }

    /// <summary>The value of <see cref="OriginKey"/> for a model.</summary>
    public static string OriginOf(Sam origin) => $"{origin.Fingerprint} {origin.DecoderFingerprint}";

    private Sam? Find(string path, Sam origin)
    {
        if (!File.Exists(path))
            return null;
        using Checkpoint checkpoint = CheckpointFile.Read(path);
        return checkpoint.Metadata.TryGetValue(OriginKey, out string? made) && made == OriginOf(origin) ? Sam.FromCheckpoint(checkpoint, Improved) : null;
    }
}
