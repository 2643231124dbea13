using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace PocketSam.Tests;

/// <summary>
/// Folders are layers: what a file names lies in its own folder or in one before it, so there are no cycles. Names are looked
/// up by the compiler, as users' types lie in one namespace whatever their folder.
/// </summary>
public sealed partial class LayerOrderTests
{
    /// <summary>Rooms of a project from the lowest up. Sub-folders are rooms too; the empty name is the project's own folder.</summary>
    private static readonly Dictionary<string, string[]> Orders = new()
    {
        ["PocketSam"] =
        [
            "", "Masks", "Masks/Coco", "Masks/Formats", "Kernels", "Kernels/Vectors", "Kernels/Integers", "Kernels/Products", "Kernels/Ops",
            "Kernels/Fused", "Kernels/Image", "Kernels/Decoder", "Tensors", "Checkpoints/Storage", "Checkpoints/Torch",
            "Checkpoints", "Layers", "Models", "Models/Yolo", "Published", "Segmentation", "Segmentation/Everything", "Segmentation/Instances",
            "Segmentation/Words", "Segmentation/Similarity",
        ],
        ["PocketSam.Training"] =
        [
            "Data", "Optimization", "Distillation", "Evaluation", "Evaluation/Detections", "Evaluation/Edges", "FineTuning", "Quantization", "Words", "Benchmarks",
        ],
        ["PocketSam.Datasets"] = ["", "Writing"],
        ["PocketSam.Labelling"] = ["Api", "Storage", "Live", "Pictures", "Exchange", "Improvement", "Jobs", "Endpoints", ""],
    };

    /// <summary>
    /// Folders in which a cycle is allowed: a project's own folder, which holds its entry and what all of it shares.
    /// </summary>
    private static readonly string[] Exceptions = ["PocketSam.Imaging/", "PocketSam.Server/", "PocketSam.Cli/", "PocketSam.Onnx/"];

    private static readonly ConcurrentDictionary<string, Lazy<Use[]>> Found = new();

    /// <summary>Each project with those that it must not name.</summary>
    public static TheoryData<string, string[]> Projects => new()
    {
        { "PocketSam", ["Imaging", "Datasets", "Text", "Training", "Onnx", "OnnxRuntime", "Cli", "Server", "Labelling"] },
        { "PocketSam.Imaging", ["Datasets", "Text", "Training", "Onnx", "OnnxRuntime", "Cli", "Server", "Labelling"] },
        { "PocketSam.Datasets", ["Text", "Training", "Onnx", "OnnxRuntime", "Cli", "Server", "Labelling"] },
        { "PocketSam.Text", ["Imaging", "Datasets", "Training", "Onnx", "OnnxRuntime", "Cli", "Server", "Labelling"] },
        { "PocketSam.Training", ["Imaging", "Datasets", "Text", "Onnx", "OnnxRuntime", "Cli", "Server", "Labelling"] },
        { "PocketSam.Onnx", ["Imaging", "Datasets", "Text", "Training", "OnnxRuntime", "Cli", "Server", "Labelling"] },
        { "PocketSam.OnnxRuntime", ["Imaging", "Datasets", "Text", "Training", "Cli", "Server", "Labelling"] },
        { "PocketSam.Mpi", ["Imaging", "Datasets", "Text", "Training", "Onnx", "OnnxRuntime", "Server", "Labelling", "Cli"] },
        { "PocketSam.Server", ["Datasets", "Text", "Training", "OnnxRuntime", "Mpi", "Cli", "Labelling"] },
        { "PocketSam.Labelling", ["Text", "Onnx", "OnnxRuntime", "Mpi", "Cli"] },
        { "PocketSam.Cli", [] },
    };

    [Theory]
    [InlineData("PocketSam")]
    [InlineData("PocketSam.Training")]
    [InlineData("PocketSam.Datasets")]
    [InlineData("PocketSam.Labelling")]
    public void Files_name_only_rooms_before_theirs(string project)
    {
        string[] order = Orders[project];
        int PlaceOf(string folder)
        {
            string? room = order.Where(room => folder == room || folder.StartsWith(room + "/", StringComparison.Ordinal))
                .MaxBy(room => room.Length);
            int place = Array.IndexOf(order, room);
            Assert.True(place >= 0, $"{folder} has no place in the order");
            return place;
        }

        Use[] uses = Uses(project);
        Assert.NotEmpty(uses);
        AssertNone(uses.Where(use => PlaceOf(use.To) > PlaceOf(use.From)));
    }

    [Theory]
    [InlineData("PocketSam")]
    [InlineData("PocketSam.Imaging")]
    [InlineData("PocketSam.Training")]
    [InlineData("PocketSam.Onnx")]
    [InlineData("PocketSam.Server")]
    [InlineData("PocketSam.Cli")]
    public void Folders_have_no_cycles(string project)
    {
        Use[] uses =
        [
            .. Uses(project).Where(use
                => use.From != use.To && !IsException(project, use.From) && !IsException(project, use.To)),
        ];
        Assert.NotEmpty(uses);
        ILookup<string, string> next = uses.ToLookup(use => use.From, use => use.To);
        AssertNone(uses.Where(use => Reaches(next, use.To, use.From)));
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void Projects_name_only_projects_below_them(string project, string[] forbidden)
    {
        string[] found =
        [
            .. Sources(project).SelectMany(file => forbidden
                .Where(name => Regex.IsMatch(File.ReadAllText(file), $@"^using PocketSam\.{name}\b", RegexOptions.Multiline))
                .Select(name => $"{Relative(file)} names PocketSam.{name}")),
        ];
        Assert.Empty(found);
    }

    /// <summary>Users' types lie in the library's own namespace, whatever their folder.</summary>
    [Fact]
    public void A_file_of_the_library_that_declares_a_public_type_lies_in_PocketSam_and_others_in_their_folder()
    {
        foreach (string file in Sources("PocketSam"))
        {
            string folder = FolderOf("PocketSam", file);
            BaseNamespaceDeclarationSyntax space
                = Assert.Single(Parse(file).GetRoot().DescendantNodes().OfType<BaseNamespaceDeclarationSyntax>());
            bool isPublic = space.Members.Any(type => type.Modifiers.Any(SyntaxKind.PublicKeyword));
            string expected = isPublic || folder == "" ? "PocketSam" : $"PocketSam.{folder.Replace('/', '.')}";
            Assert.True(space.Name.ToString() == expected, $"{Relative(file)} declares {space.Name}");
        }
    }

    [Theory]
    [InlineData("PocketSam.Imaging")]
    [InlineData("PocketSam.Text")]
    [InlineData("PocketSam.Training")]
    [InlineData("PocketSam.Onnx")]
    [InlineData("PocketSam.OnnxRuntime")]
    [InlineData("PocketSam.Mpi")]
    [InlineData("PocketSam.Datasets")]
    [InlineData("PocketSam.Labelling")]
    [InlineData("PocketSam.Cli")]
    public void The_namespace_of_a_file_is_its_folder(string project)
    {
        foreach (string file in Sources(project))
        {
            Match declared = Namespace().Match(File.ReadAllText(file));
            if (!declared.Success)
                continue; // top-level statements, assembly attributes
            string folder = FolderOf(project, file);
            string expected = folder == "" ? project : $"{project}.{folder.Replace('/', '.')}";
            Assert.True(declared.Groups[1].Value == expected, $"{Relative(file)} declares {declared.Groups[1].Value}");
        }
    }

    [Theory]
    [InlineData("class A { B b; }", true)]
    [InlineData("class A { object b = new B(); }", true)]
    [InlineData("class A { int c = B.Two; }", true)]
    [InlineData("class A { int c = 2.Twice(); }", true)]
    [InlineData("[B] class A;", true)]
    [InlineData("class A { object c = new System.Collections.Generic.List<B>(); }", true)]
    [InlineData("/// <see cref=\"B\"/>\nclass A; // B", false)]
    [InlineData("class A { string B = \"B\"; }", false)]
    public void The_scan_finds_names(string code, bool found)
    {
        const string Later = "class B : System.Attribute { public const int Two = 2; } "
            + "static class Numbers { public static int Twice(this int x) => 2 * x; }";
        Use[] uses = Uses("x", [
            CSharpSyntaxTree.ParseText(code, path: "one/a.cs"), CSharpSyntaxTree.ParseText(Later, path: "two/b.cs"),
        ], path => Path.GetDirectoryName(path)!);
        Assert.Equal(found, uses.Any(use => (use.From, use.To) == ("one", "two")));
    }

    private static bool Reaches(ILookup<string, string> next, string from, string to)
    {
        var seen = new HashSet<string> { from };
        var open = new Stack<string>(seen);
        while (open.TryPop(out string? folder))
        {
            if (folder == to)
                return true;
            foreach (string other in next[folder].Where(seen.Add))
                open.Push(other);
        }

        return false;
    }

    private static void AssertNone(IEnumerable<Use> uses)
    {
        string[] lines = [.. uses.Select(use => use.ToString()).Distinct()];
        Assert.True(lines.Length == 0, string.Join('\n', lines));
    }

    private static bool IsException(string project, string folder)
        => Exceptions.Any(exception => exception.EndsWith('/')
            ? exception == $"{project}/{folder}"
            : $"{project}/{folder}/".StartsWith(exception + "/", StringComparison.Ordinal));

    private static Use[] Uses(string project) => Found.GetOrAdd(project, _ => new Lazy<Use[]>(() => Uses(
        project, [.. Sources(project).Select(Parse), CSharpSyntaxTree.ParseText(ImplicitUsings)],
        path => FolderOf(project, path)))).Value;

    /// <summary>Every name that stands for a type of the same project, by the compiler.</summary>
    private static Use[] Uses(string project, SyntaxTree[] trees, Func<string, string> folderOf)
    {
        IEnumerable<MetadataReference> references = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!)
            .Split(Path.PathSeparator)
            .Where(path => Path.GetFileNameWithoutExtension(path) != project)
            .Select(path => MetadataReference.CreateFromFile(path));
        var compilation = CSharpCompilation.Create(
            project, trees, references, new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, allowUnsafe: true));
        return
        [
            .. trees.Where(tree => tree.FilePath.Length > 0).AsParallel().AsOrdered().SelectMany(tree =>
            {
                SemanticModel model = compilation.GetSemanticModel(tree);
                return tree.GetRoot().DescendantNodes(node => node is not UsingDirectiveSyntax).OfType<SimpleNameSyntax>()
                    .Select(name => TypeOf(model.GetSymbolInfo(name).Symbol))
                    .Where(type => SymbolEqualityComparer.Default.Equals(type?.ContainingAssembly, compilation.Assembly))
                    .Select(type => type!.OriginalDefinition.DeclaringSyntaxReferences)
                    .Where(places => places.Length > 0)
                    .Select(places => new Use(
                        tree.FilePath, folderOf(tree.FilePath), folderOf(places[0].SyntaxTree.FilePath)))
                    .Distinct();
            }),
        ];

        static INamedTypeSymbol? TypeOf(ISymbol? symbol) => symbol switch
        {
            INamedTypeSymbol type => type,
            IMethodSymbol { ReducedFrom: not null } or IMethodSymbol { MethodKind: MethodKind.Constructor } => symbol.ContainingType,
            _ => null,
        };
    }

    private static SyntaxTree Parse(string file) => CSharpSyntaxTree.ParseText(File.ReadAllText(file), path: file);

    private static string FolderOf(string project, string file)
    {
        string folder = Path.GetRelativePath(Path.Combine(Repository.Root, "src", project), Path.GetDirectoryName(file)!);
        return folder == "." ? "" : folder.Replace(Path.DirectorySeparatorChar, '/');
    }

    private static IEnumerable<string> Sources(string project)
        => Directory.EnumerateFiles(Path.Combine(Repository.Root, "src", project), "*.cs", SearchOption.AllDirectories)
            .Where(f => !Relative(f).Split('/', '\\').Any(part => part is "bin" or "obj"));

    private static string Relative(string file) => Path.GetRelativePath(Repository.Root, file);

    private const string ImplicitUsings = """
        global using System; global using System.Collections.Generic; global using System.IO; global using System.Linq;
        global using System.Net.Http; global using System.Threading; global using System.Threading.Tasks;
        """;

    [GeneratedRegex(@"^namespace\s+([\w.]+)", RegexOptions.Multiline)]
    private static partial Regex Namespace();

    /// <summary>A file that names a type of a folder.</summary>
    private sealed record Use(string File, string From, string To)
    {
        public override string ToString() => $"{Relative(File)} names a type of {(To == "" ? "the project's folder" : To)}";
    }
}
