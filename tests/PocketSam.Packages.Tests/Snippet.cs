using System.Text;

namespace PocketSam.Packages.Tests;

/// <summary>A program in C# that stands in a document.</summary>
/// <param name="Document">The document, from the repository's root.</param>
/// <param name="Line">The line of its first line, from 1.</param>
/// <param name="Lines">Its lines.</param>
public sealed record Snippet(string Document, int Line, IReadOnlyList<string> Lines)
{
    private const string Begin = "```csharp";
    private const string End = "```";

    /// <summary>Documents for users; notes on the work itself are not among them.</summary>
    public static IEnumerable<string> Documents =>
    [
        "README.md",
        .. Directory.GetFiles(Path.Combine(Repository.Root, "docs"), "*.md"),
        .. Directory.GetFiles(Path.Combine(Repository.Root, "models"), "*.md"),
        .. Directory.GetDirectories(Path.Combine(Repository.Root, "src")).SelectMany(folder => Directory.GetFiles(folder, "*.md")),
    ];

    /// <summary>All of them, in the order of the documents.</summary>
    public static IReadOnlyList<Snippet> All { get; } = [.. Documents.Order(StringComparer.Ordinal).SelectMany(Read)];

    /// <summary>Whether it is a web application, which runs until it is stopped.</summary>
    public bool IsWeb => Lines.Any(line => line.Contains("WebApplication", StringComparison.Ordinal));

    /// <summary>A file with the snippet as the method <c>Run</c> of a class; errors are told at the document's lines.</summary>
    public string ToClass(string name)
    {
        int body = Lines.Count(line => line.StartsWith("using ", StringComparison.Ordinal) && line.EndsWith(';') && !line.Contains('='));
        var text = new StringBuilder();
        foreach (string line in Lines.Take(body))
            text.AppendLine(line);
        text.AppendLine($"internal static class {name} {{ public static async Task Run(string[] args) {{ await Task.Yield();");
        text.AppendLine($"#line {Line + body} \"{Path.Combine(Repository.Root, Document).Replace('\\', '/')}\"");
        foreach (string line in Lines.Skip(body))
            text.AppendLine(line);
        return text.AppendLine("} }").ToString();
    }

    public override string ToString() => $"{Document.Replace('\\', '/')}:{Line}";

    private static IEnumerable<Snippet> Read(string document)
    {
        string[] lines = File.ReadAllLines(Path.Combine(Repository.Root, document));
        for (int i = 0; i < lines.Length; i++)
        {
            if (lines[i] != Begin)
                continue;
            int end = Array.IndexOf(lines, End, i + 1);
            yield return new Snippet(Path.GetRelativePath(Repository.Root, Path.Combine(Repository.Root, document)), i + 2, lines[(i + 1)..end]);
            i = end;
        }
    }
}
