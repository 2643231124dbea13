using System.Text.Json;

namespace PocketSam.Tests.Checkpoints;

/// <summary>What PyTorch itself has written.</summary>
public sealed class TorchFixtureTests
{
    [Theory]
    [InlineData("views.pt", CheckpointFormat.TorchZip)]
    [InlineData("views-legacy.pth", CheckpointFormat.TorchLegacy)]
    public void Views_and_types_are_what_PyTorch_says(string name, CheckpointFormat format)
    {
        using Checkpoint read = CheckpointFile.Read(Fixture(name));
        Assert.Equal((format, "", ""), (read.Format, read.Container, read.Prefix));
        AssertExpected(Fixture("expected.json"), read);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(5)]
    public void The_state_dict_of_a_training_is_found(int protocol)
    {
        using Checkpoint read = CheckpointFile.Read(Fixture($"training-{protocol}.pt"));
        Assert.Equal(("state_dict", "module."), (read.Container, read.Prefix));
        Assert.Equal(["weight", "bias"], read.Tensors.Keys);
        Assert.Equal([2, 2], read.Tensors["weight"].Shape);
        Assert.All(read.Tensors["weight"].ToFloats().Zip([1f, 2f, 3f, 4f]), v => Assert.Equal(v.Second, v.First, 0.01f));
    }

    [Fact]
    public void A_pickled_module_is_refused_by_its_class()
    {
        string path = Fixture("module.pt");
        var e = Assert.Throws<CheckpointFormatException>(() => CheckpointFile.Read(path));
        Assert.StartsWith($"{path}: holds a whole Python object (torch.nn.modules.linear.Linear)", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("zip.pt", "")]
    [InlineData("legacy.pth", "")]
    [InlineData("nested.pt", "model")]
    public void Golden_checkpoints_hold_the_expected_values(string name, string container)
    {
        using Checkpoint read = CheckpointFile.Read(GoldenFiles.Require("pt/" + name));
        Assert.Equal(container, read.Container);
        AssertExpected(GoldenFiles.Require("pt/expected.json"), read);
    }

    [Fact]
    public void Golden_parameters_lose_their_prefix()
    {
        using Checkpoint read = CheckpointFile.Read(GoldenFiles.Require("pt/parameters_prefixed.pt"));
        Assert.Equal(("state_dict", "module."), (read.Container, read.Prefix));
        Assert.Equal(["weight", "bias"], read.Tensors.Keys);
        Assert.Equal([2, 3], read.Tensors["weight"].Shape);
    }

    [Theory]
    [InlineData("whole_module.pt", "torch.nn.modules.linear.Linear")]
    [InlineData("malicious.pt", "posix.system")]
    [InlineData("truncated.pt", "cut short")]
    [InlineData("not_a_checkpoint.pt", "neither a safetensors file nor one of torch.save")]
    public void Golden_files_that_cannot_be_trusted_are_refused(string name, string reason)
    {
        string path = GoldenFiles.Require("pt/" + name);
        var e = Assert.Throws<CheckpointFormatException>(() => CheckpointFile.Read(path));
        Assert.StartsWith(path + ": ", e.Message, StringComparison.Ordinal);
        Assert.Contains(reason, e.Message, StringComparison.Ordinal);
        Assert.False(File.Exists("pwned-by-pickle"));
    }

    internal static string Fixture(string name) => Path.Combine(AppContext.BaseDirectory, "Checkpoints", "Fixtures", name);

    private static void AssertExpected(string path, Checkpoint read)
    {
        using JsonDocument expected = JsonDocument.Parse(File.ReadAllBytes(path));
        Assert.Equal(expected.RootElement.EnumerateObject().Select(e => e.Name), read.Tensors.Keys);
        foreach (JsonProperty entry in expected.RootElement.EnumerateObject())
        {
            StoredTensor tensor = read.Tensors[entry.Name];
            Assert.Equal(entry.Value.GetProperty("dtype").GetString(), tensor.Type.ToString().ToLowerInvariant());
            Assert.Equal(entry.Value.GetProperty("shape").EnumerateArray().Select(d => d.GetInt32()), tensor.Shape);
            Assert.Equal(entry.Value.GetProperty("values").EnumerateArray().Select(v => v.GetSingle()), tensor.ToFloats());
        }
    }
}
