using System.Globalization;
using System.Text;

namespace PocketSam.Cli;

/// <summary>
/// Writes text for a terminal with control characters, which names of files may contain, escaped as <c>\u001B</c>, so
/// that they have no effect. Tabs and line ends are kept.
/// </summary>
internal sealed class EscapingWriter(TextWriter target) : TextWriter(CultureInfo.InvariantCulture)
{
    /// <summary>A name for use within one line: line ends and tabs are escaped too.</summary>
    public static string OneLine(string name)
        => name.Any(char.IsControl)
            ? string.Concat(name.Select(c => char.IsControl(c) ? string.Create(CultureInfo.InvariantCulture, $"\\u{(int)c:X4}") : c.ToString()))
            : name;

    public override Encoding Encoding => target.Encoding;

    public override void Write(char value)
    {
        if (IsControlCode(value))
            target.Write(string.Create(CultureInfo.InvariantCulture, $"\\u{(int)value:X4}"));
        else
            target.Write(value);
    }

    public override void Write(string? value)
    {
        if (value is null || !value.Any(IsControlCode))
            target.Write(value);
        else
            Write(value.AsSpan());
    }

    public override void Write(ReadOnlySpan<char> buffer)
    {
        int plain = 0;
        for (int i = 0; i < buffer.Length; i++)
        {
            if (!IsControlCode(buffer[i]))
                continue;
            target.Write(buffer[plain..i]);
            Write(buffer[i]);
            plain = i + 1;
        }

        target.Write(buffer[plain..]);
    }

    public override void WriteLine(string? value)
    {
        Write(value);
        target.WriteLine();
    }

    public override void Flush() => target.Flush();

    private static bool IsControlCode(char value) => char.IsControl(value) && value is not ('\n' or '\r' or '\t');
}
