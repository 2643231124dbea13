using System.Text.RegularExpressions;

namespace PocketSam.Server.Tests;

/// <summary>Folder = namespace = room, and a file names only rooms before its own.</summary>
public sealed partial class RoomOrderTests
{
    /// <summary>As docs/architecture.md states it.</summary>
    private static readonly string[] Order =
        ["Stores", "Metrics", "Jobs", "Api", "Images", "Decoding", "Exports", "Security", "OpenApi", "Page", "Endpoints"];

    /// <summary>What every room may name: it names none itself.</summary>
    private static readonly string[] Options = ["PocketSamOptions.cs", "PocketSamOptionsValidator.cs", "PocketSamModel.cs"];

    [Fact]
    public void FilesNameOnlyRoomsBeforeTheirOwn()
    {
        List<string> found = [];
        int files = 0;
        foreach (string file in Directory.EnumerateFiles(Path.Combine(Repository.Root, "src", "PocketSam.Server"), "*.cs", SearchOption.AllDirectories))
        {
            string path = Path.GetRelativePath(Path.Combine(Repository.Root, "src", "PocketSam.Server"), file).Replace('\\', '/');
            string folder = path.Split('/')[0];
            if (folder is "bin" or "obj")
                continue;
            int room = Array.IndexOf(Order, folder);
            bool isOptions = Options.Contains(path);
            Assert.True(room >= 0 || !path.Contains('/'), $"{folder} has no place in the order");
            if (room < 0 && !isOptions)
                continue; // What puts the service together names all rooms.
            files++;
            string code = CommentsAndTexts().Replace(File.ReadAllText(file), " ");
            found.AddRange(Order.Skip(isOptions ? 0 : room + 1).Where(later => Names(code, later)).Select(later => $"{path} names {later}"));
            string space = isOptions ? "PocketSam.Server" : $"PocketSam.Server.{folder}";
            Assert.Matches($@"(?m)^namespace {Regex.Escape(space)};", code);
        }

        Assert.Empty(found);
        Assert.True(files > 40, $"{files} files");
    }

    [Theory]
    [InlineData("using PocketSam.Server.Images;", true)]
    [InlineData("Images.Photo photo;", true)]
    [InlineData("Operations.Images.ToString()", false)]
    [InlineData("const string Images = Root;", false)]
    public void TheScanFindsNames(string code, bool found) => Assert.Equal(found, Names(code, "Images"));

    private static bool Names(string code, string room)
        => Regex.IsMatch(code, $@"\bPocketSam\.Server\.{room}\b|(?<![\w.]){room}\s*\.\s*\w");

    [GeneratedRegex("""//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])'""", RegexOptions.Singleline)]
    private static partial Regex CommentsAndTexts();
}
