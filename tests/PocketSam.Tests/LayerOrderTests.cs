using System.Text.RegularExpressions;

namespace PocketSam.Tests;

/// <summary>
/// Folder = namespace = layer, and a file names only layers before its own. Inside one assembly a sibling namespace can
/// be named without a <c>using</c>, so qualified names are looked for too.
/// </summary>
public sealed partial class LayerOrderTests
{
    private static readonly string[] LibraryOrder =
        ["Kernels", "Tensors", "Checkpoints", "Layers", "Models", "Segmentation"];

    private static readonly string[] KernelOrder = ["Vectors", "Products", "Ops", "Fused", "Image", "Decoder"];

    private static readonly string[] TrainingOrder = ["Data", "Optimization", "Distillation", "Evaluation"];

    /// <summary>Each project with those that it must not name.</summary>
    public static TheoryData<string, string[]> Projects => new()
    {
        { "PocketSam", ["Imaging", "Training", "Cli", "Server"] },
        { "PocketSam.Imaging", ["Training", "Cli", "Server"] },
        { "PocketSam.Training", ["Imaging", "Cli", "Server"] },
    };

    [Fact]
    public void Files_of_the_library_name_only_layers_before_theirs()
        => AssertOrder("PocketSam", "PocketSam", LibraryOrder);

    [Fact]
    public void Kernels_name_only_rooms_before_theirs()
        => AssertOrder(Path.Combine("PocketSam", "Kernels"), "PocketSam.Kernels", KernelOrder);

    [Fact]
    public void Files_of_training_name_only_layers_before_theirs()
        => AssertOrder("PocketSam.Training", "PocketSam.Training", TrainingOrder);

    [Theory]
    [MemberData(nameof(Projects))]
    public void Projects_name_only_projects_below_them(string project, string[] forbidden)
    {
        string[] found =
        [
            .. Sources(project).SelectMany(file => forbidden
                .Where(name => Regex.IsMatch(Code(file), $@"\bPocketSam\.{name}\b"))
                .Select(name => $"{Relative(file)} names PocketSam.{name}")),
        ];
        Assert.Empty(found);
    }

    [Theory]
    [InlineData("PocketSam")]
    [InlineData("PocketSam.Imaging")]
    [InlineData("PocketSam.Training")]
    [InlineData("PocketSam.Cli")]
    public void The_namespace_of_a_file_is_its_folder(string project)
    {
        string root = Path.Combine(Root(), "src", project);
        foreach (string file in Sources(project))
        {
            Match declared = Namespace().Match(Code(file));
            if (!declared.Success)
                continue; // top-level statements, assembly attributes
            string folder = Path.GetRelativePath(root, Path.GetDirectoryName(file)!);
            string expected = folder == "." ? project : $"{project}.{folder.Replace(Path.DirectorySeparatorChar, '.')}";
            Assert.True(declared.Groups[1].Value == expected, $"{Relative(file)} declares {declared.Groups[1].Value}");
        }
    }

    [Theory]
    [InlineData("using PocketSam.Models;", true)]
    [InlineData("using static PocketSam.Models.ModelZoo;", true)]
    [InlineData("using Zoo = PocketSam.Models.ModelZoo;", true)]
    [InlineData("var x = Models.ModelZoo.Nano;", true)]
    [InlineData("global::PocketSam.Models.SamConfig c;", true)]
    [InlineData("// as Models.ModelZoo does", false)]
    [InlineData("/// <see cref=\"Models.ModelZoo\"/>", false)]
    [InlineData("throw new(\"Models.ModelZoo\");", false)]
    [InlineData("config.Models.First()", false)]
    [InlineData("int[] Models = [];", false)]
    public void The_scan_finds_names(string code, bool found)
        => Assert.Equal(found, Names(Strip(code), "PocketSam", "Models"));

    private static void AssertOrder(string project, string space, string[] order)
    {
        string root = Path.Combine(Root(), "src", project);
        var found = new List<string>();
        int files = 0;
        foreach (string file in Sources(project))
        {
            string folder = Path.GetRelativePath(root, file).Split(Path.DirectorySeparatorChar)[0];
            int layer = Array.IndexOf(order, folder);
            if (layer < 0)
            {
                Assert.True(folder.EndsWith(".cs", StringComparison.Ordinal), $"{folder} has no place in the order");
                continue;
            }

            files++;
            string code = Code(file);
            foreach (string later in order.Skip(layer + 1).Where(later => Names(code, space, later)))
                found.Add($"{Relative(file)} names {later}");
        }

        Assert.True(files > 0);
        Assert.Empty(found);
    }

    /// <summary>Whether the code names the layer: whole, or as a sibling namespace.</summary>
    private static bool Names(string code, string space, string layer)
        => Regex.IsMatch(code, $@"\b{Regex.Escape(space)}\.{layer}\b")
        || Regex.IsMatch(code, $@"(?<![\w.]){layer}\s*\.\s*\w");

    private static string Code(string file) => Strip(File.ReadAllText(file));

    /// <summary>Without comments and texts.</summary>
    private static string Strip(string code) => CommentsAndTexts().Replace(code, " ");

    private static IEnumerable<string> Sources(string project)
        => Directory.EnumerateFiles(Path.Combine(Root(), "src", project), "*.cs", SearchOption.AllDirectories)
            .Where(f => !Relative(f).Split('/', '\\').Any(part => part is "bin" or "obj"));

    private static string Relative(string file) => Path.GetRelativePath(Root(), file);

    private static string Root()
    {
        for (DirectoryInfo? d = new(AppContext.BaseDirectory); d is not null; d = d.Parent)
        {
            if (File.Exists(Path.Combine(d.FullName, "PocketSam.slnx")))
                return d.FullName;
        }

        throw new DirectoryNotFoundException("the tests do not lie inside the repository");
    }

    [GeneratedRegex("""//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])'""", RegexOptions.Singleline)]
    private static partial Regex CommentsAndTexts();

    [GeneratedRegex(@"^namespace\s+([\w.]+)", RegexOptions.Multiline)]
    private static partial Regex Namespace();
}
