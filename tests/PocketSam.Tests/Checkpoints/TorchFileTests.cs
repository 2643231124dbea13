using System.IO.Compression;
using System.Text;
using PocketSam.Checkpoints;
using Entry = PocketSam.Tests.Checkpoints.TorchBuilder.Entry;

namespace PocketSam.Tests.Checkpoints;

public sealed class TorchFileTests
{
    private static readonly float[] Six = [1f, 2f, 3f, 4f, 5f, 6f];
    private static readonly byte[] SixBytes = [.. Six.SelectMany(BitConverter.GetBytes)];
    private static readonly byte[] Pickle = PickleBuilder.OfTensor(6, 0, [2, 3], [3, 1]);

    [Fact]
    public void Built_files_are_read()
    {
        Assert.Equal(Six, Parse(TorchBuilder.Zip(Pickle, SixBytes)).Tensors["w"].ToFloats());
        Assert.Equal(Six, Parse(TorchBuilder.Legacy(Pickle, true, ("0", 6, SixBytes))).Tensors["w"].ToFloats());
    }

    [Fact]
    public void Big_endian_files_are_read()
    {
        byte[] big = [.. Six.SelectMany(v => BitConverter.GetBytes(v).Reverse())];
        byte[] zip = TorchBuilder.Zip([new("a/data.pkl", Pickle), new("a/byteorder", "big"u8.ToArray()), new("a/data/0", big)]);
        Assert.Equal(Six, Parse(zip).Tensors["w"].ToFloats());
        Assert.Equal(Six, Parse(TorchBuilder.Legacy(Pickle, false, ("0", 6, big))).Tensors["w"].ToFloats());
    }

    [Fact]
    public void Large_archives_and_comments_are_read()
    {
        Entry[] entries = [new("a/data.pkl", Pickle) { Large = true }, new("a/data/0", SixBytes) { Large = true }];
        Assert.Equal(Six, Parse(TorchBuilder.Zip(entries, large: true)).Tensors["w"].ToFloats());
        Assert.Equal(Six, Parse(TorchBuilder.Zip(entries, comment: "by hand")).Tensors["w"].ToFloats());
    }

    [Fact]
    public void Places_beyond_four_gigabytes_are_written_and_read()
    {
        const long Far = 5L << 30; // of a file that is mostly a hole
        using var folder = new TemporaryFolder();
        using (var stream = new FileStream(folder["a.pt"], FileMode.CreateNew))
        {
            var zip = new ZipWriter(stream);
            zip.Add("a/data.pkl", Pickle.Length, s => s.Write(Pickle));
            stream.Position = Far;
            zip.Add("a/data/0", SixBytes.Length, s => s.Write(SixBytes));
            zip.Finish();
        }

        using Checkpoint read = CheckpointFile.Read(folder["a.pt"]);
        Assert.Equal(Six, read.Tensors["w"].ToFloats());
        using ZipArchive archive = ZipFile.OpenRead(folder["a.pt"]);
        Assert.Equal([Pickle.Length, SixBytes.Length], archive.Entries.Select(e => e.Length));
        using var bytes = new MemoryStream();
        using (Stream entry = archive.GetEntry("a/data/0")!.Open())
            entry.CopyTo(bytes);
        Assert.Equal(SixBytes, bytes.ToArray());
    }

    [Fact]
    public void Parts_of_storages_are_read_from_the_older_format()
    {
        byte[] pickle = new PickleBuilder().Op("}").Text("w").Global("torch._utils", "_rebuild_tensor").Op("((")
            .Text("storage").Global("torch", "FloatStorage").Text("all").Text("cpu").Number(6)
            .Op("(").Text("part").Number(2).Number(3).Op("ttQ").Number(1).Tuple(2).Tuple(1).Op("tRs").Stop();
        Assert.Equal([4f, 5f], Parse(TorchBuilder.Legacy(pickle, true, ("all", 6, SixBytes))).Tensors["w"].ToFloats());
    }

    [Fact]
    public void Untyped_storages_take_the_type_of_their_tensor()
    {
        byte[] pickle = new PickleBuilder().Op("}").Text("w").Global("torch._utils", "_rebuild_tensor_v3").Op("((")
            .Text("storage").Global("torch.storage", "UntypedStorage").Text("0").Text("cpu").Number(24).Op("tQ").Number(1)
            .Tuple(2).Tuple(2).Op("\u0089}").Global("torch", "float32").Op("}tRs").Stop();
        Assert.Equal([2f, 4f], Parse(TorchBuilder.Zip(pickle, SixBytes)).Tensors["w"].ToFloats());
    }

    [Theory]
    [InlineData("model")]
    [InlineData("state_dict")]
    [InlineData("anything")]
    public void State_dicts_are_found_where_trainings_put_them(string name)
    {
        byte[] file = TorchBuilder.Zip(
            Outer(b => b.Text(name).Op("}").Text("w").Tensor("0", 6, 0, [6], [1]).Op("s").Text("epoch").Number(3)), SixBytes);
        Checkpoint read = Parse(file);
        Assert.Equal(name, read.Container);
        Assert.Equal(["w"], read.Tensors.Keys);
    }

    [Fact]
    public void The_likeliest_of_several_state_dicts_is_taken()
    {
        byte[] file = TorchBuilder.Zip(
            Outer(b => b.Text("ema").Op("}").Text("w").Tensor("0", 6, 0, [6], [1]).Op("s")
                .Text("loss").Tensor("0", 6, 0, [], [])
                .Text("state").Op("}").Text("model").Op("}").Text("v").Tensor("0", 6, 0, [6], [1]).Op("ss")
                .Text("net").Op("}").Text("state_dict").Op("}").Text("u").Tensor("0", 6, 0, [6], [1]).Op("ss")), SixBytes);
        Checkpoint read = Parse(file);
        Assert.Equal("net.state_dict", read.Container);
        Assert.Equal(["u"], read.Tensors.Keys);

        string several = Refused(TorchBuilder.Zip(
            Outer(b => b.Text("student").Op("}").Text("w").Tensor("0", 6, 0, [6], [1]).Op("s")
                .Text("teacher").Op("}").Text("w").Tensor("0", 6, 0, [6], [1]).Op("s")), SixBytes));
        Assert.Contains("2 dictionaries of tensors (student, teacher)", several, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(5, 0, new long[] { 2, 3 }, new long[] { 3, 1 }, "reaches beyond its storage of 5 elements")]
    [InlineData(6, 1, new long[] { 2, 3 }, new long[] { 3, 1 }, "reaches beyond")]
    [InlineData(6, -1, new long[] { 2, 3 }, new long[] { 3, 1 }, "reaches beyond")]
    [InlineData(6, 0, new long[] { 2, 3 }, new long[] { 4, 1 }, "reaches beyond")]
    [InlineData(6, 0, new long[] { 2, 3 }, new[] { long.MaxValue, long.MaxValue }, "reaches beyond")]
    [InlineData(6, long.MaxValue, new long[] { 2, 3 }, new long[] { 3, 1 }, "reaches beyond")]
    [InlineData(6, 0, new long[] { 1000 }, new long[] { 0 }, "repeats the 6 elements")]
    [InlineData(6, 0, new long[] { int.MaxValue, int.MaxValue, int.MaxValue }, new long[] { 0, 0, 0 }, "repeats the 6 elements")]
    [InlineData(6, 0, new long[] { 1L << 31 }, new long[] { 1 }, "no sizes")]
    [InlineData(6, 0, new long[] { -1 }, new long[] { 1 }, "no sizes")]
    [InlineData(6, 0, new long[] { 2 }, new long[] { -1 }, "no sizes")]
    [InlineData(6, 0, new long[] { 2, 3 }, new long[] { 1 }, "no offset, shape and strides")]
    [InlineData(7, 0, new long[] { 2, 3 }, new long[] { 3, 1 }, "24 bytes where 28 are announced")]
    [InlineData(long.MaxValue, 0, new long[] { 2, 3 }, new long[] { 3, 1 }, "")]
    public void Tensors_that_do_not_fit_their_storage_are_named(long count, long offset, long[] shape, long[] strides, string reason)
    {
        byte[] pickle = PickleBuilder.OfTensor(count, offset, shape, strides);
        string message = Refused(TorchBuilder.Zip(pickle, SixBytes));
        Assert.StartsWith("bad: tensor w: ", message, StringComparison.Ordinal);
        Assert.Contains(reason, message, StringComparison.Ordinal);
        Refused(TorchBuilder.Legacy(pickle, true, ("0", 6, SixBytes)));
    }

    [Theory]
    [InlineData("ComplexFloatStorage")]
    [InlineData("QInt8Storage")]
    [InlineData("Float8_e4m3fnStorage")]
    public void Types_that_are_not_known_are_named(string type)
    {
        byte[] pickle = PickleBuilder.OfTensor(6, 0, [6], [1], type);
        Assert.Equal($"bad: tensor w: has elements of torch.{type}, which are not supported", Refused(TorchBuilder.Zip(pickle, SixBytes)));
        Assert.Contains(type, Refused(TorchBuilder.Legacy(pickle, true, ("0", 6, SixBytes))), StringComparison.Ordinal);
    }

    [Fact]
    public void Archives_that_are_not_as_PyTorch_writes_them_are_refused()
    {
        Entry pickle = new("a/data.pkl", Pickle), storage = new("a/data/0", SixBytes);
        Assert.Contains("no data.pkl", Refused(TorchBuilder.Zip([storage])), StringComparison.Ordinal);
        Assert.Contains("tensor w: has no entry a/data/0", Refused(TorchBuilder.Zip([pickle])), StringComparison.Ordinal);
        Assert.Contains("twice", Refused(TorchBuilder.Zip([pickle, storage, storage])), StringComparison.Ordinal);
        Assert.Contains("compressed", Refused(TorchBuilder.Zip([pickle, storage with { Method = 8 }])), StringComparison.Ordinal);
        Assert.Contains("compressed", Refused(TorchBuilder.Zip([pickle with { Flags = 1 }, storage])), StringComparison.Ordinal);
        Assert.Contains("announced", Refused(TorchBuilder.Zip([pickle, storage with { Length = 23 }])), StringComparison.Ordinal);
        Assert.Contains("outside", Refused(TorchBuilder.Zip([pickle with { Length = 1 << 30 }, storage])), StringComparison.Ordinal);
        Assert.Contains("outside", Refused(TorchBuilder.Zip([pickle with { Length = 1L << 60, Large = true }, storage])), StringComparison.Ordinal);
        Assert.Contains("broken", Refused(TorchBuilder.Zip([pickle with { Length = -1, Large = true }, storage])), StringComparison.Ordinal);
        Assert.Contains("not where", Refused(TorchBuilder.Zip([pickle with { Header = 7 }, storage])), StringComparison.Ordinal);
        Assert.Contains("not where", Refused(TorchBuilder.Zip([pickle, storage with { Header = 0 }])), StringComparison.Ordinal);
        Assert.Contains("cut short", Refused(TorchBuilder.Zip([pickle with { Header = 1 << 30 }, storage])), StringComparison.Ordinal);
        Assert.Contains("TorchScript", Refused(TorchBuilder.Zip([pickle, storage, new("a/constants.pkl", [])])), StringComparison.Ordinal);
    }

    [Fact]
    public void Deflated_bombs_are_not_inflated()
    {
        using var file = new MemoryStream();
        using (var zip = new ZipArchive(file, ZipArchiveMode.Create, leaveOpen: true))
        {
            using Stream entry = zip.CreateEntry("a/data.pkl", CompressionLevel.SmallestSize).Open();
            for (int i = 0; i < 100; i++)
                entry.Write(new byte[1 << 20]);
        }

        byte[] bomb = file.ToArray();
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Contains("compressed", Refused(bomb), StringComparison.Ordinal);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    [Fact]
    public void Storages_of_the_older_format_must_be_those_announced()
    {
        Assert.Contains("5 elements where 6", Refused(TorchBuilder.Legacy(Pickle, true, ("0", 5, SixBytes))), StringComparison.Ordinal);
        Assert.Contains("cut short", Refused(TorchBuilder.Legacy(Pickle, true, ("0", 6, SixBytes[..^1]))), StringComparison.Ordinal);
        Assert.Contains("tensor w", Refused(TorchBuilder.Legacy(Pickle, true)), StringComparison.Ordinal);
        Assert.Contains("no tensor", Refused(TorchBuilder.Legacy(Pickle, true, ("1", 6, SixBytes))), StringComparison.Ordinal);
        Assert.Contains("twice", Refused(TorchBuilder.Legacy(Pickle, true, ("0", 6, SixBytes), ("0", 6, SixBytes))), StringComparison.Ordinal);
    }

    [Fact]
    public void A_storage_has_the_size_that_each_of_its_tensors_announces()
    {
        byte[] pickle = new PickleBuilder().Op("}").Text("v").Tensor("0", 6, 0, [6], [1], "ByteStorage").Op("s")
            .Text("w").Tensor("0", 6, 0, [6], [1], "DoubleStorage").Op("s").Stop();
        const string Expected = "bad: tensor w: its storage 0 has 6 bytes where 48 are announced";
        Assert.Equal(Expected, Refused(TorchBuilder.Zip(pickle, SixBytes[..6])));
        Assert.Equal(Expected, Refused(TorchBuilder.Legacy(pickle, true, ("0", 6, SixBytes[..6]))));
    }

    [Fact]
    public void What_is_written_comes_back()
    {
        using var folder = new TemporaryFolder();
        var tensors = new List<KeyValuePair<string, StoredTensor>>();
        foreach (DataType type in Enum.GetValues<DataType>())
        {
            byte[] bytes = [.. Enumerable.Range(0, 6 * StoredTensor.SizeOf(type)).Select(i => (byte)(type == DataType.Bool ? i % 2 : i))];
            tensors.Add(new($"ü.{type}", new StoredTensor(type, [3, 1, 2], bytes)));
        }

        tensors.Add(new("scalar", StoredTensor.FromFloats([2.5f], [])));
        tensors.Add(new("empty", StoredTensor.FromFloats([], [0, 3])));
        tensors.Add(new("long", StoredTensor.FromFloats(Samples.Uniform(30_000, 1), [30_000])));
        var metadata = new Dictionary<string, string> { ["pocketsam.config"] = "{\"name\": \"ü\"}", ["empty"] = "" };
        TorchFile.Write(folder["a.pt"], tensors, metadata);

        using Checkpoint read = CheckpointFile.Read(folder["a.pt"]);
        Assert.Equal(CheckpointFormat.TorchZip, read.Format);
        Assert.Equal(metadata, read.Metadata);
        Assert.Equal(tensors.Select(t => t.Key), read.Tensors.Keys);
        foreach ((string key, StoredTensor tensor) in tensors)
        {
            StoredTensor back = read.Tensors[key];
            Assert.Equal((tensor.Type, string.Join(",", tensor.Shape)), (back.Type, string.Join(",", back.Shape)));
            Assert.Equal(tensor.ToBytes(), back.ToBytes());
        }

        Assert.Equal(["a.pt"], folder.Files);
    }

    [Fact]
    public void Files_are_laid_out_as_PyTorch_does()
    {
        using var folder = new TemporaryFolder();
        var values = new StoredTensor(DataType.Float16, [2, 3], new byte[12]);
        TorchFile.Write(folder["a.pt"], [new("w", values)]);
        byte[] file = File.ReadAllBytes(folder["a.pt"]);
        using (ZipArchive zip = ZipFile.OpenRead(folder["a.pt"]))
        {
            Assert.Equal(["archive/data.pkl", "archive/byteorder", "archive/data/0", "archive/version"], zip.Entries.Select(e => e.FullName));
            Assert.All(zip.Entries, e => Assert.Equal(e.Length, e.CompressedLength));
            Assert.Equal("3\n", Text(zip, "archive/version"));
            Assert.Equal("little", Text(zip, "archive/byteorder"));
            Assert.All(zip.Entries, e => Assert.Equal(Sum(Bytes(zip, e.FullName)), e.Crc32));
            Assert.Equal(
                "\u0080\u0002ccollections\nOrderedDict\n)R(X\u0001\0\0\0wctorch._utils\n_rebuild_tensor_v2\n((X\u0007\0\0\0storage"
                + "ctorch\nHalfStorage\nX\u0001\0\0\00X\u0003\0\0\0cpuJ\u0006\0\0\0tQJ\0\0\0\0(J\u0002\0\0\0J\u0003\0\0\0t"
                + "(J\u0003\0\0\0J\u0001\0\0\0t\u0089ccollections\nOrderedDict\n)RtRu.",
                Encoding.Latin1.GetString(Bytes(zip, "archive/data.pkl")));
        }

        ZipDirectory directory = ZipDirectory.Read(new MemoryBytes(file, "a.pt"));
        Assert.All(directory.Names, name => Assert.Equal(0, directory.Locate(name).Start % 64));

        static byte[] Bytes(ZipArchive zip, string name)
        {
            using Stream stream = zip.GetEntry(name)!.Open();
            using var bytes = new MemoryStream();
            stream.CopyTo(bytes);
            return bytes.ToArray();
        }

        static string Text(ZipArchive zip, string name) => Encoding.ASCII.GetString(Bytes(zip, name));
    }

    [Fact]
    public void The_checksum_is_that_of_zip_archives()
    {
        Assert.Equal(0u, Sum([]));
        Assert.Equal(0xCBF43926u, Sum("123456789"u8));
        Assert.Equal(0x414FA339u, Sum("The quick brown fox jumps over the lazy dog"u8));
    }

    private static uint Sum(ReadOnlySpan<byte> bytes)
    {
        var sum = new Crc32();
        sum.Append(bytes);
        return sum.Value;
    }

    private static byte[] Outer(Action<PickleBuilder> items)
    {
        PickleBuilder builder = new PickleBuilder().Op("}(");
        items(builder);
        return builder.Op("u").Stop();
    }

    private static Checkpoint Parse(byte[] file) => CheckpointFile.Read(new MemoryBytes(file, "good"));

    private static string Refused(byte[] file)
    {
        string message = Assert.Throws<CheckpointFormatException>(() => CheckpointFile.Read(new MemoryBytes(file, "bad"))).Message;
        Assert.StartsWith("bad: ", message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
        return message;
    }
}
