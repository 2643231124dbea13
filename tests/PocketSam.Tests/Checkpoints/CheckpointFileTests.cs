using System.Text;

namespace PocketSam.Tests.Checkpoints;

public sealed class CheckpointFileTests
{
    [Theory]
    [InlineData("a.safetensors", CheckpointFormat.Safetensors)]
    [InlineData("a.pt", CheckpointFormat.TorchZip)]
    [InlineData("A.PTH", CheckpointFormat.TorchZip)]
    public void The_extension_decides_what_is_written_and_the_content_what_is_read(string name, CheckpointFormat format)
    {
        using var folder = new TemporaryFolder();
        var metadata = new Dictionary<string, string> { ["a"] = "b" };
        CheckpointFile.Write(folder[name], [new("w", StoredTensor.FromFloats([1f, 2f], [2]))], metadata);
        File.Move(folder[name], folder["model"]);
        using Checkpoint read = CheckpointFile.Read(folder["model"]);
        Assert.Equal((format, folder["model"]), (read.Format, read.Source));
        Assert.Equal([1f, 2f], read.Tensors["w"].ToFloats());
        Assert.Equal(metadata, read.Metadata);
    }

    [Fact]
    public void Another_extension_is_refused()
        => Assert.Throws<ArgumentException>(() => CheckpointFile.Write("model.onnx", []));

    [Theory]
    [InlineData("module.", "module.image", "module.other")]
    [InlineData("", "module.image", "other")]
    [InlineData("module._orig_mod.", "module._orig_mod.image", "module._orig_mod.other")]
    [InlineData("model.", "model.image", "model.module.other")]
    [InlineData("", "module.", "module.other")]
    [InlineData("", "image_encoder.image", "image_encoder.other")]
    public void Prefixes_of_wrappers_are_taken_off(string prefix, params string[] keys)
    {
        using var folder = new TemporaryFolder();
        Safetensors.Write(folder["a"], keys.Select(key => KeyValuePair.Create(key, StoredTensor.FromFloats([1f], [1]))));
        using Checkpoint read = CheckpointFile.Read(folder["a"]);
        Assert.Equal(prefix, read.Prefix);
        Assert.Equal(keys.Select(key => key[prefix.Length..]), read.Tensors.Keys);
    }

    [Theory]
    [InlineData("", "is empty")]
    [InlineData("version https://git-lfs.github.com/spec/v1\noid sha256:0", "Git LFS")]
    [InlineData("<!DOCTYPE html><html>", "web page")]
    [InlineData("<html><body>404", "web page")]
    [InlineData("GGUF\u0003\0\0\0", "GGUF")]
    [InlineData("\u0089HDF\r\n", "HDF5")]
    [InlineData("\u001C\0\0\0TFL3", "TensorFlow Lite")]
    [InlineData("\u001F\u008B\u0008", "gzip")]
    [InlineData("\u0008\u0007\u0012\u0007pytorch\u001A\u00052.0.0", "ONNX")]
    [InlineData("\u0080\u0004\u0095\u0003\0\0\0\0\0\0\0}\u0094.", "torch.save")]
    [InlineData("PK\u0003\u0004", "cut short")]
    [InlineData("hello", "neither a safetensors file nor one of torch.save")]
    public void Other_files_are_told_by_their_kind(string content, string reason)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["a"], Encoding.Latin1.GetBytes(content));
        string message = Assert.Throws<CheckpointFormatException>(() => CheckpointFile.Read(folder["a"])).Message;
        Assert.StartsWith(folder["a"] + ": ", message, StringComparison.Ordinal);
        Assert.Contains(reason, message, StringComparison.Ordinal);
        File.Delete(folder["a"]);
    }

    [Fact]
    public void A_missing_file_and_a_folder_are_named()
    {
        using var folder = new TemporaryFolder();
        Assert.Equal($"{folder["none"]}: no such file", Assert.Throws<FileNotFoundException>(() => CheckpointFile.Read(folder["none"])).Message);
        Assert.Equal(
            $"{folder["."]}: a folder, not a checkpoint",
            Assert.Throws<CheckpointFormatException>(() => CheckpointFile.Read(folder["."])).Message);
    }

    [Theory]
    [InlineData("a.safetensors")]
    [InlineData("a.pt")]
    public void Cancelling_leaves_the_old_file(string name)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder[name], "old");
        using var cancellation = new CancellationTokenSource();
        var progress = new CancelAtOnce(cancellation);
        KeyValuePair<string, StoredTensor>[] tensors =
            [new("a", StoredTensor.FromFloats([1f], [1])), new("b", StoredTensor.FromFloats([1f], [1]))];
        Assert.Throws<OperationCanceledException>(
            () => CheckpointFile.Write(folder[name], tensors, null, progress, cancellation.Token));
        Assert.Equal("old", File.ReadAllText(folder[name]));
        Assert.Equal([name], folder.Files);
        Assert.Equal([0.5], progress.Values);
    }

    private sealed class CancelAtOnce(CancellationTokenSource cancellation) : IProgress<double>
    {
        public List<double> Values { get; } = [];

        public void Report(double value)
        {
            Values.Add(value);
            cancellation.Cancel();
        }
    }
}
