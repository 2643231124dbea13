namespace PocketSam.Cli;

/// <summary>Standard input and output in place of files.</summary>
internal static class StandardStreams
{
    /// <summary>The name that stands for standard input or output.</summary>
    public const string Name = "-";

    /// <summary>Name of standard input in error messages.</summary>
    public const string InputName = "standard input";

    private const long MostInput = 1L << 30;

    /// <summary>Reads all of standard input.</summary>
    /// <exception cref="IOException">The input is empty or larger than a gigabyte.</exception>
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
