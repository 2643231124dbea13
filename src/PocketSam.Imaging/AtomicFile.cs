namespace PocketSam.Imaging;

/// <summary>Writes a file whole or not at all: under another name in the same folder first, then renamed.</summary>
internal static class AtomicFile
{
    public static void Write(string path, Action<Stream> write)
    {
        string folder = Path.GetDirectoryName(path) ?? "";
        string temporary = Path.Combine(folder, $".{Path.GetRandomFileName()}.tmp");
        try
        {
            using (var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write))
                write(stream);
            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception e)
        {
            RemoveIfThere(temporary);
            string? reason = e switch
            {
                DirectoryNotFoundException => "no such folder",
                UnauthorizedAccessException => "permission denied",
                IOException => e.Message,
                _ => null,
            };
            if (reason is null)
                throw;
            throw new IOException($"{path}: cannot be written ({reason})", e);
        }
    }

    private static void RemoveIfThere(string temporary)
    {
        try
        {
            File.Delete(temporary);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The folder does not exist or cannot be written: there is nothing to remove, and the first error tells.
        }
    }
}
