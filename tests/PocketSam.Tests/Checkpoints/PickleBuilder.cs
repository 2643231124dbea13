using System.Buffers.Binary;
using System.Text;

namespace PocketSam.Tests.Checkpoints;

/// <summary>Writes pickles opcode by opcode, sound or not.</summary>
internal sealed class PickleBuilder
{
    private readonly MemoryStream _bytes = new();

    public PickleBuilder(int protocol = 2) => Raw(0x80, (byte)protocol);

    public PickleBuilder Raw(params ReadOnlySpan<byte> bytes)
    {
        _bytes.Write(bytes);
        return this;
    }

    public PickleBuilder Op(string opcodes) => Raw(Encoding.Latin1.GetBytes(opcodes));

    public PickleBuilder Text(string text)
    {
        byte[] utf8 = Encoding.UTF8.GetBytes(text);
        return Op("X").Int32(utf8.Length).Raw(utf8);
    }

    public PickleBuilder Number(long value)
    {
        byte[] bytes = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
        return Raw(0x8A, 8).Raw(bytes);
    }

    public PickleBuilder Global(string module, string name) => Op($"c{module}\n{name}\n");

    public PickleBuilder Tuple(params ReadOnlySpan<long> values)
    {
        Op("(");
        foreach (long value in values)
            Number(value);
        return Op("t");
    }

    /// <summary>A tensor over a storage of its own.</summary>
    public PickleBuilder Tensor(
        string storage, long count, long offset, long[] shape, long[] strides, string type = "FloatStorage")
        => Global("torch._utils", "_rebuild_tensor_v2").Op("((").Text("storage").Global("torch", type).Text(storage).Text("cpu")
            .Number(count).Op("tQ").Number(offset).Tuple(shape).Tuple(strides).Op("\u0089}tR");

    public PickleBuilder Int32(int value)
    {
        byte[] bytes = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, value);
        return Raw(bytes);
    }

    /// <summary>The pickle, ended.</summary>
    public byte[] Stop() => Op(".")._bytes.ToArray();

    /// <summary>The pickle of a dictionary of one tensor, <c>w</c>.</summary>
    public static byte[] OfTensor(
        long count, long offset, long[] shape, long[] strides, string type = "FloatStorage")
        => new PickleBuilder().Op("}").Text("w").Tensor("0", count, offset, shape, strides, type).Op("s").Stop();
}
