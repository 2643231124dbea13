using PocketSam.Labelling.Api;
using PocketSam.Training.FineTuning;

namespace PocketSam.Labelling.Improvement;

/// <summary>
/// The models that were made for a project, beside its file: the one in use, the one that was in use before it, and the one that is
/// offered. None in use means the model that the project was opened with.
/// </summary>
/// <param name="project">The project's file, there or not.</param>
internal sealed class ModelFiles(string project)
{
    /// <summary>Which model the file was made of: of another one it is not used.</summary>
    public const string OriginKey = "pocketsam.improved.origin";

    private readonly string _project = Path.GetFullPath(project);
    private readonly Lock _gate = new();

    /// <summary>The model that is used.</summary>
    public string Improved => _project + ".improved.safetensors";

    /// <summary>The model that was used before it.</summary>
    public string Before => _project + ".improved.bak.safetensors";

    /// <summary>The model that waits for somebody's decision.</summary>
    public string Offered => _project + ".offered.safetensors";

    /// <summary>Refuses early what could not be kept later.</summary>
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

    /// <summary>The model in use: the improved one, where there is one that was made of <paramref name="origin"/>.</summary>
    /// <exception cref="IOException">The file is there and cannot be read, or is damaged.</exception>
    public Sam InUse(Sam origin)
    {
        lock (_gate)
            return Find(Improved, origin) ?? origin;
    }

    /// <summary>Writes a model that is offered.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Offer(FineTuningResult result, Sam origin)
    {
        lock (_gate)
            Write(Offered, result, origin);
    }

    /// <summary>Writes a model that was made of another one.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Write(string path, FineTuningResult result, Sam origin)
        => result.Save(path, new Dictionary<string, string> { [OriginKey] = OriginOf(origin) });

    /// <summary>Offers nothing any more.</summary>
    public void Withdraw()
    {
        lock (_gate)
            File.Delete(Offered);
    }

    /// <summary>Puts the offered model in use, and keeps the one before.</summary>
    /// <exception cref="LabelException">None is offered.</exception>
    /// <exception cref="IOException">A file cannot be moved, or the model cannot be read; the one in use stays.</exception>
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

    /// <summary>Puts the model from before in use; the one that was in use is offered again.</summary>
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

    /// <summary>What <see cref="OriginKey"/> says of a model.</summary>
    public static string OriginOf(Sam origin) => $"{origin.Fingerprint} {origin.DecoderFingerprint}";

    private Sam? Find(string path, Sam origin)
    {
        if (!File.Exists(path))
            return null;
        using Checkpoint checkpoint = CheckpointFile.Read(path);
        return checkpoint.Metadata.TryGetValue(OriginKey, out string? made) && made == OriginOf(origin) ? Sam.FromCheckpoint(checkpoint, Improved) : null;
    }
}
