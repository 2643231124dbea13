using PocketSam.Checkpoints.Storage;
using PocketSam.Models;

namespace PocketSam.Tests.Checkpoints;

/// <summary>Pickled modules are read as records: names and attributes, of which nothing is run.</summary>
public sealed class ModuleRecordTests
{
    private static readonly Dictionary<string, int[]> Small = new() { ["0.conv.weight"] = [2, 3], ["1.bias"] = [2] };

    [Fact]
    public void A_pickled_module_of_2023_has_the_tensors_of_its_state_dict()
    {
        using Checkpoint expected = CheckpointFile.Read(GoldenFiles.Require("fastsam/tiny.safetensors"));
        using Checkpoint read = CheckpointFile.Read(GoldenFiles.Require("fastsam/tiny_2023.pt"));
        Assert.Equal(("model", "model.", null), (read.Container, read.Prefix, read.Simulated));
        Assert.Equal(expected.Tensors.Keys.Order(), read.Tensors.Keys.Order());
        foreach ((string key, StoredTensor tensor) in expected.Tensors)
        {
            Assert.Equal((tensor.Type, string.Join(',', tensor.Shape)), (read.Tensors[key].Type, string.Join(',', read.Tensors[key].Shape)));
            Assert.Equal(tensor.ToBytes(), read.Tensors[key].ToBytes());
        }
    }

    [Fact]
    public void A_TinySAM_that_simulates_eight_bits_is_read_as_its_float_weights_with_the_intervals_beside_them()
    {
        SamModel described = SamModel.Describe(ModelZoo.VitT);
        byte[] file = ModulePickle.SimulatedTinySam(described.State.Entries.ToDictionary(e => e.Key, e => e.StoredShape));
        using Checkpoint read = Parse(file);

        Assert.Equal("", read.Container);
        Assert.Equal(described.State.Entries.Select(e => e.Key).Order(), read.Tensors.Keys.Order());
        Assert.Equal("vit_t", ModelZoo.FromCheckpoint(read).Name);
        Assert.NotNull(SamModel.FromCheckpoint(read, isFrozen: true));

        SimulatedQuantization simulated = read.Simulated!;
        string[] layers = [.. described.State.Entries.Select(e => e.Key[..e.Key.LastIndexOf('.')]).Distinct().Where(ModulePickle.IsQuantized)];
        Assert.NotEmpty(layers);
        Assert.Equal((layers.Length, 8, 8), (simulated.Layers, simulated.WeightBits, simulated.ActivationBits));
        Assert.Equal(
            layers.SelectMany(layer => new[] { $"{layer}.a_interval", $"{layer}.w_interval" }).Order(), simulated.Intervals.Keys.Order());
        Assert.Equal([0.25f], simulated.Intervals[$"{layers[0]}.a_interval"].ToFloats());
        Assert.Equal([0.0625f], simulated.Intervals[$"{layers[0]}.w_interval"].ToFloats());
    }

    [Theory]
    [InlineData("ultralytics.nn.tasks", "SegmentationModel")]
    [InlineData("tinysam.modeling.sam", "Sam")]
    public void Modules_of_known_packages_are_read(string module, string name)
    {
        byte[] pickle = new PickleBuilder().Op("}").Text("ema").Op("Ns").Text("model").Module("", Small, 6, _ => (module, name)).Op("s").Stop();
        using Checkpoint read = Parse(TorchBuilder.Zip(pickle, new byte[24]));
        Assert.Equal("model", read.Container);
        Assert.Equal(Small.Keys, read.Tensors.Keys);
    }

    [Fact]
    public void Averaged_weights_are_taken_where_there_are_both()
    {
        byte[] pickle = new PickleBuilder().Op("}")
            .Text("model").Module("", new Dictionary<string, int[]> { ["a"] = [1] }, 6, _ => ("ultralytics.nn.tasks", "DetectionModel")).Op("s")
            .Text("ema").Module("", new Dictionary<string, int[]> { ["b"] = [1] }, 6, _ => ("ultralytics.nn.tasks", "DetectionModel")).Op("s").Stop();
        using Checkpoint read = Parse(TorchBuilder.Zip(pickle, new byte[24]));
        Assert.Equal(("ema", "b"), (read.Container, Assert.Single(read.Tensors.Keys)));
    }

    [Theory]
    [InlineData("torch.nn.modules.container", "Sequential", "holds a whole Python object (torch.nn.modules.container.Sequential)")]
    [InlineData("somebody.models", "Net", "holds a whole Python object (somebody.models.Net)")]
    [InlineData("ultralytics.utils", "os.system", "asks for ultralytics.utils.os.system")]
    [InlineData("tinysam", "build_sam", "asks for tinysam.build_sam")]
    [InlineData("os", "system", "asks for os.system")]
    public void Others_are_refused_by_their_name(string module, string name, string reason)
        => Assert.StartsWith(
            $"file: {reason}", Refused(new PickleBuilder().Module("", Small, 6, _ => (module, name))), StringComparison.Ordinal);

    [Fact]
    public void What_a_module_holds_is_refused_by_its_name()
    {
        PickleBuilder pickle = new PickleBuilder().Module(
            "", Small, 6, _ => ("ultralytics.nn.tasks", "SegmentationModel"),
            (b, key) => b.Text("forward").Global("builtins", "eval").Text("1").Op("\u0085R"));
        Assert.StartsWith("file: asks for builtins.eval", Refused(pickle), StringComparison.Ordinal);
    }

    [Fact]
    public void An_attribute_is_asked_for_of_classes_of_models_alone()
    {
        PickleBuilder With(string module, string name) => new PickleBuilder().Op("}").Text("x").Global("__builtin__", "getattr")
            .Op("(").Global(module, name).Text("forward").Op("tRs").Text("w").Tensor("0", 6, 0, [6], [1]).Op("s");
        using Checkpoint read = Parse(TorchBuilder.Zip(With("ultralytics.nn.modules.head", "Detect").Stop(), new byte[24]));
        Assert.Equal("w", Assert.Single(read.Tensors.Keys));
        Assert.Contains("__builtin__.getattr", Refused(With("collections", "OrderedDict")), StringComparison.Ordinal);
    }

    [Fact]
    public void Modules_that_hold_themselves_are_refused_and_cost_little()
    {
        // Twice itself, through a dictionary that the pickle names again.
        PickleBuilder pickle = new PickleBuilder().Global("ultralytics.nn.tasks", "SegmentationModel").Op(")\u0081q").Raw(0)
            .Op("}(").Text("_modules").Op("}(").Text("a").Op("h").Raw(0).Text("b").Op("h").Raw(0).Op("uub");
        byte[] file = TorchBuilder.Zip(pickle.Stop());
        Refused(file);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Contains("modules within modules", Refused(file), StringComparison.Ordinal);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);

        // Thirty levels of two of the same.
        var wide = new PickleBuilder();
        wide.Global("ultralytics", "Net").Op(")\u0081}bq").Raw(0);
        for (int i = 0; i < 30; i++)
        {
            wide.Op("0").Global("ultralytics", "Net").Op(")\u0081}(").Text("_modules").Op("}(").Text("a").Op("h").Raw(0).Text("b").Op("h").Raw(0)
                .Op("uubq").Raw(0);
        }

        Assert.Contains("modules within modules", Refused(wide), StringComparison.Ordinal);
    }

    [Fact]
    public void Names_without_end_are_refused()
    {
        PickleBuilder pickle = new PickleBuilder().Module(
            "", new Dictionary<string, int[]> { [new string('x', 1000)] = [1] }, 6, _ => ("ultralytics.nn.tasks", "SegmentationModel"));
        Assert.Contains("longer than any model's", Refused(pickle), StringComparison.Ordinal);
    }

    [Fact]
    public void A_module_without_tensors_holds_none()
        => Assert.Contains(
            "no dictionary of tensors",
            Refused(new PickleBuilder().Global("ultralytics.nn.tasks", "SegmentationModel").Op(")\u0081}b")), StringComparison.Ordinal);

    private static string Refused(PickleBuilder pickle) => Refused(TorchBuilder.Zip(pickle.Stop(), new byte[24]));

    private static string Refused(byte[] file)
    {
        string message = Assert.Throws<CheckpointFormatException>(() => Parse(file)).Message;
        Assert.DoesNotContain('\n', message);
        return message;
    }

    private static Checkpoint Parse(byte[] file) => CheckpointFile.Read(new MemoryBytes(file, "file"));
}
