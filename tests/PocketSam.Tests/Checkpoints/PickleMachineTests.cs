using System.Numerics;
using PocketSam.Checkpoints.Storage;
using PocketSam.Checkpoints.Torch;

namespace PocketSam.Tests.Checkpoints;

public sealed class PickleMachineTests
{
    /// <summary>Pickles of some bytes cost little, whatever they announce.</summary>
    private const long MemoryLimit = 1 << 20;

    [Fact]
    public void Plain_values_are_read()
    {
        Assert.Null(Run(b => b.Op("N")));
        Assert.Equal(true, Run(b => b.Op("\u0088")));
        Assert.Equal(-7L, Run(b => b.Op("J").Int32(-7)));
        Assert.Equal(200L, Run(b => b.Op("K").Raw(200)));
        Assert.Equal(513L, Run(b => b.Op("M").Raw(1, 2)));
        Assert.Equal(-1L, Run(b => b.Raw(0x8A, 1, 0xFF)));
        Assert.Equal(0L, Run(b => b.Raw(0x8A, 0)));
        Assert.Equal(BigInteger.Pow(2, 72), Run(b => b.Raw(0x8A, 10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1)));
        Assert.Equal(1.5, Run(b => b.Op("G").Raw(0x3F, 0xF8, 0, 0, 0, 0, 0, 0)));
        Assert.Equal("ü", Run(b => b.Text("ü")));
        Assert.Equal("ab", Run(b => b.Op("U").Raw(2).Op("ab")));
        Assert.Equal((object)new byte[] { 1, 2 }, Run(b => b.Op("C").Raw(2, 1, 2)));
        Assert.Equal(new object?[] { 1L, null }, Run(b => b.Op("K\u0001N\u0086")));
        Assert.Equal(new List<object?> { 1L, 2L, 3L }, Run(b => b.Op("](K\u0001K\u0002eK\u0003a")));
        var dict = Assert.IsType<PickleDict>(Run(b => b.Op("}(").Text("a").Op("K\u0001").Text("a").Op("K\u0002K\u0003NuK\u0003Ns")));
        Assert.Equal(2L, dict["a"]);
        Assert.Equal(3, dict.Items.Count); // a key that is no string is kept, not compared
    }

    [Fact]
    public void What_was_memorised_comes_back()
    {
        Assert.Equal(new List<object?> { "a", "a", "a" }, Run(b => b.Op("](").Text("a").Op("q\u0005h\u0005r").Int32(700).Op("j").Int32(700).Op("e")));
        Assert.Equal(new List<object?> { "a", "a" }, Run(b => b.Op("](").Text("a").Op("\u0094h").Raw(0).Op("e")));
    }

    [Fact]
    public void A_pickle_that_refers_to_itself_is_read()
    {
        var list = Assert.IsType<List<object?>>(Run(b => b.Op("]q\u0000h").Raw(0).Op("a")));
        Assert.Same(list, list[0]);
    }

    [Theory]
    [InlineData("posix", "system")]
    [InlineData("builtins", "eval")]
    [InlineData("builtins", "getattr")]
    [InlineData("os", "popen")]
    [InlineData("torch", "load")]
    [InlineData("torch.storage", "_load_from_bytes")]
    [InlineData("torch.hub", "load")]
    [InlineData("numpy", "load")]
    public void Functions_are_refused_by_their_name(string module, string name)
    {
        string message = Refused(b => b.Op("}").Text("x").Global(module, name).Text("touch x").Op("\u0085Rs"));
        Assert.Contains($"{module}.{name}", message, StringComparison.Ordinal);
        Assert.Contains($"asks for {module}.{name}", Refused(b => b.Global(module, name).Op(")R")), StringComparison.Ordinal);
        Assert.Contains(
            $"{module}.{name}", Refused(b => b.Op("}").Text(module).Text(name).Op("\u0093")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")] // nothing at all
    [InlineData("0")]
    [InlineData("1")]
    [InlineData("2")]
    [InlineData("a")]
    [InlineData("e")]
    [InlineData("(e")]
    [InlineData("Ne")]
    [InlineData("s")]
    [InlineData("NNs")]
    [InlineData("NNNs")]
    [InlineData("}(Nu")]
    [InlineData("]N(u")]
    [InlineData("t")]
    [InlineData("N\u0086")]
    [InlineData("N(\u0085")]
    [InlineData("R")]
    [InlineData("NNR")]
    [InlineData("N)R")]
    [InlineData("b")]
    [InlineData("Nb")]
    [InlineData("Q")]
    [InlineData("NQ")]
    [InlineData(")Q")]
    [InlineData("h\u0000")]
    [InlineData("q\u0000")]
    [InlineData("\u0093")]
    [InlineData("NN\u0093")]
    [InlineData("ccollections\nOrderedDict\n]R")]
    [InlineData("ctorch._utils\n_rebuild_tensor_v2\n)R")]
    [InlineData("ctorch._utils\n_rebuild_parameter\n(NNNtR")]
    [InlineData("ctorch\nFloatStorage\n)R")]
    [InlineData("I1\n")]
    [InlineData("i")]
    [InlineData("\u0080\u0006")]
    [InlineData("\u00FF")]
    public void Broken_pickles_are_refused(string opcodes) => Refused(b => b.Op(opcodes));

    [Theory]
    [InlineData("X\u00FF\u00FF\u00FF\u00FF")]
    [InlineData("T\u00FF\u00FF\u00FF\u007F")]
    [InlineData("T\u00FF\u00FF\u00FF\u00FF")]
    [InlineData("B\u00FF\u00FF\u00FF\u007F")]
    [InlineData("\u008B\u00FF\u00FF\u00FF\u007F")]
    [InlineData("\u008B\u00FF\u00FF\u00FF\u00FF")]
    [InlineData("\u008D\u00FF\u00FF\u00FF\u00FF\u00FF\u00FF\u00FF\u007F")]
    [InlineData("\u008E\u00FF\u00FF\u00FF\u00FF\u00FF\u00FF\u00FF\u00FF")]
    [InlineData("\u0096\u0000\u0000\u0000\u0000\u0000\u0001\u0000\u0000")]
    public void Lengths_are_checked_before_memory_is_taken(string opcodes)
    {
        Refused(b => b.Op(opcodes)); // once for what the runtime takes for itself
        long before = GC.GetAllocatedBytesForCurrentThread();
        Refused(b => b.Op(opcodes));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, MemoryLimit);
    }

    [Fact]
    public void Bombs_are_refused()
    {
        const int Many = 2_200_000;
        foreach (string opcode in (string[])["(", "N", "]", "}", "2", "h\u0000"])
        {
            string message = Refused(b => b.Op("]q").Raw(0).Op(string.Concat(Enumerable.Repeat(opcode, Many))));
            Assert.Contains("longer than any checkpoint", message, StringComparison.Ordinal);
        }

        Assert.Contains("longer", Refused(b => b.Op("N").Op(new string('\u0094', Many))), StringComparison.Ordinal);
        Assert.Contains("name of more", Refused(b => b.Op("c").Op(new string('x', Many))), StringComparison.Ordinal);
    }

    [Fact]
    public void Nesting_costs_nothing()
    {
        // [[[[...]]]] and twice the same within twice the same: walked by nobody.
        Run(b => b.Op(new string(']', 100_000)).Op(new string('a', 99_999)));
        Run(b => b.Op(")").Op(string.Concat(Enumerable.Repeat("2\u0086", 10_000))));

        var dict = new PickleBuilder().Op("}q").Raw(0);
        for (int i = 0; i < 1000; i++)
            dict.Op("}(").Text("a").Op("h").Raw(0).Text("b").Op("h").Raw(0).Op("uq").Raw(0);
        byte[] file = TorchBuilder.Zip(dict.Stop());
        Assert.Contains("no dictionary of tensors", Assert.Throws<CheckpointFormatException>(
            () => CheckpointFile.Read(new MemoryBytes(file, "bomb"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Tensors_within_tensors_are_not_looked_into()
    {
        // A tensor whose offset is a tensor whose offset is a tensor and so on, called as if it were a function.
        const int Depth = 100_000;
        const string Link = "q\u00020h\u0000(h\u0001h\u0002NNtR";
        string chain = string.Concat(Enumerable.Repeat(Link, Depth));
        string message = Refused(b => b.Global("torch._utils", "_rebuild_tensor_v2").Op("q").Raw(0).Op("(").Text("storage")
            .Global("torch", "FloatStorage").Text("0").Text("cpu").Number(1).Op("tQq").Raw(1).Op("N").Op(chain).Op(")R"));
        Assert.Contains("calls TorchTensor with other arguments", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Lists_of_pairs_are_not_copied_again_and_again()
    {
        const int Pairs = 500_000;
        string list = string.Concat(Enumerable.Repeat("h\u0001", Pairs));
        string copy = string.Concat(Enumerable.Repeat("h\u0000h\u0002\u0085R0", 5));
        string message = Refused(b => b.Global("collections", "OrderedDict").Op("q").Raw(0).Op("NN\u0086q").Raw(1)
            .Op("](").Op(list).Op("eq").Raw(2).Op(copy));
        Assert.Contains("more pairs than any checkpoint", message, StringComparison.Ordinal);
    }

    [Fact]
    public void References_to_the_same_dictionary_are_followed_once()
    {
        // A quarter of a million keys lead to a dictionary of as many: seen once it is quick, seen each time it is not.
        const int Many = 250_000;
        var pickle = new PickleBuilder().Op("}q").Raw(0).Op("(");
        for (int i = 0; i < Many; i++)
            pickle.Op("NN");
        pickle.Op("u0}(");
        foreach (string name in (string[])["model", "state_dict", "net", "sam"])
            pickle.Text(name).Op("h").Raw(0);
        for (int i = 0; i < Many; i++)
            pickle.Text($"{i}").Op("h").Raw(0);
        byte[] file = TorchBuilder.Zip(pickle.Op("u").Stop());
        Assert.Contains("no dictionary of tensors", Assert.Throws<CheckpointFormatException>(
            () => CheckpointFile.Read(new MemoryBytes(file, "bomb"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Messages_are_lines_of_bounded_length()
    {
        byte[] pickle = new PickleBuilder().Op("}").Text(new string('k', 100_000) + "\n").Tensor("0", 1, 0, [2], [1]).Op("s").Stop();
        string message = Assert.Throws<CheckpointFormatException>(
            () => CheckpointFile.Read(new MemoryBytes(TorchBuilder.Zip(pickle, new byte[4]), "long"))).Message;
        Assert.InRange(message.Length, 100, 600);
        Assert.DoesNotContain('\n', Refused(b => b.Op("}").Text("os\n").Text("sys\ntem").Op("\u0093")));
    }

    private static object? Run(Action<PickleBuilder> write)
    {
        var builder = new PickleBuilder();
        write(builder);
        byte[] pickle = builder.Stop();
        var source = new MemoryBytes(pickle, "test");
        return new PickleMachine(new ByteReader(source, 0, pickle.Length), new TorchVocabulary()).Run();
    }

    private static string Refused(Action<PickleBuilder> write)
    {
        string message = Assert.Throws<CheckpointFormatException>(() => Run(write)).Message;
        Assert.StartsWith("test: ", message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
        Assert.InRange(message.Length, 0, 300);
        return message;
    }
}
