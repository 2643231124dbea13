using PocketSam.Tensors;

namespace PocketSam.Tests.Tensors;

/// <summary>The tree of a profile.</summary>
public sealed class ProfileNodeTests
{
    [Fact]
    public void Parts_are_sorted_and_add_up()
    {
        ProfileNode tree = ProfileNode.Tree(
        [
            new("", "PrepareImage", 1, 0, 1),
            new("encoder.layers.0", "Mlp", 2, 20, 1),
            new("encoder.layers.0.attn", "Attention", 3, 30, 1),
            new("encoder.layers.1", "Linear", 9, 90, 1),
        ]);

        Assert.Equal(
            [
                " 15 140",
                "- encoder.layers 14 140",
                "-- 1[Linear] 9 90",
                "-- 0 5 50",
                "--- attn[Attention] 3 30",
                "--- [Mlp] 2 20",
                "- [PrepareImage] 1 0",
            ],
            Lines(tree, ""));
    }

    [Fact]
    public void One_op_is_a_tree()
        => Assert.Equal(["a.b[Add] 1 2"], Lines(ProfileNode.Tree([new("a.b", "Add", 1, 2, 3)]), ""));

    [Fact]
    public void Nothing_is_an_empty_tree() => Assert.Equal([" 0 0"], Lines(ProfileNode.Tree([]), ""));

    private static IEnumerable<string> Lines(ProfileNode node, string indent)
    {
        string op = node.Op.Length == 0 ? "" : $"[{node.Op}]", space = indent.Length == 0 ? "" : " ";
        yield return $"{indent}{space}{node.Name}{op} {node.Milliseconds} {node.MultiplyAdds}";
        foreach (string line in node.Children.SelectMany(child => Lines(child, indent + "-")))
            yield return line;
    }
}
