using System.Text;

namespace PocketSam.Packages.Tests;

/// <summary>Snippets as one program that runs the one whose number it is given, built against the packages.</summary>
internal static class SnippetPrograms
{
    /// <summary>Writes and builds it.</summary>
    public static string Build(Feed feed, string name, string sdk, string[] packages, IReadOnlyList<Snippet> snippets)
    {
        var main = new StringBuilder("await (args[0] switch\n{\n");
        var files = new List<(string, string)>();
        for (int i = 0; i < snippets.Count; i++)
        {
            files.Add(($"Snippet{i}.cs", snippets[i].ToClass($"Snippet{i}")));
            main.AppendLine($"    \"{i}\" => Snippet{i}.Run(args[1..]),");
        }

        main.AppendLine("    _ => throw new ArgumentException(args[0]),\n});");
        files.Add(("Program.cs", main.ToString()));
        feed.CreateProject(name, sdk, packages, files);
        return feed.Build(name);
    }
}
