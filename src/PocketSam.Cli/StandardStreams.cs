namespace PocketSam.Cli;

/// <summary>Standard input and output where a file is asked for.</summary>
internal static class StandardStreams
{
    /// <summary>Stands for either.</summary>
    public const string Name = "-";

    /// <summary>What errors call standard input.</summary>
    public const string InputName = "standard input";

    private const long MostInput = 1L << 30;

    /// <summary>All of standard input.</summary>
    /// <exception cref="IOException">It is empty, or larger than a gigabyte.</exception>
    public static byte[] ReadWhole(Stream input)
    {
        using var whole = new MemoryStream();
        byte[] buffer = new byte[1 << 16];
        for (int read; (read = input.Read(buffer)) > 0;)
        {
            whole.Write(buffer, 0, read);
            if (whole.Length > MostInput)
                throw new IOException($"{InputName}: more than a gigabyte");
        }

        return whole.Length > 0 ? whole.ToArray() : throw new IOException($"{InputName}: is empty");
    }
}
