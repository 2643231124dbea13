using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace PocketSam.Checkpoints.Torch;

/// <summary>
/// Writes the pickle of a state dict, protocol 2: an OrderedDict of calls to <c>_rebuild_tensor_v2</c> (or v3), each
/// over its own storage. PyTorch's <c>weights_only</c> loader accepts it.
/// </summary>
internal static class StateDictPickle
{
    /// <summary>Types without a storage class: their tensors are in untyped storages and name the type.</summary>
    public static readonly (DataType Type, string Name)[] UntypedNames =
    [
        (DataType.UInt16, "uint16"), (DataType.UInt32, "uint32"), (DataType.UInt64, "uint64"),
        (DataType.Float8E4M3, "float8_e4m3fn"), (DataType.Float8E5M2, "float8_e5m2"),
    ];

    /// <summary>The pickle of the tensors; tensor i is in the storage named i.</summary>
    public static byte[] Of(IReadOnlyList<KeyValuePair<string, StoredTensor>> tensors)
    {
        using var pickle = new MemoryStream();
        Put(pickle, PickleOpcode.Proto);
        pickle.WriteByte(2);
        Dictionary(pickle);
        Put(pickle, PickleOpcode.Mark);
        for (int i = 0; i < tensors.Count; i++)
        {
            StoredTensor tensor = tensors[i].Value;
            Text(pickle, tensors[i].Key);
            string? untyped = Array.Find(UntypedNames, t => t.Type == tensor.Type).Name;
            Global(pickle, "torch._utils", untyped is null ? "_rebuild_tensor_v2" : "_rebuild_tensor_v3");
            Put(pickle, PickleOpcode.Mark);
            Put(pickle, PickleOpcode.Mark);
            Text(pickle, "storage");
            if (untyped is null)
                Global(pickle, "torch", StorageOf(tensor.Type));
            else
                Global(pickle, "torch.storage", "UntypedStorage");
            Text(pickle, i.ToString(CultureInfo.InvariantCulture));
            Text(pickle, "cpu");
            Integer(pickle, untyped is null ? tensor.Count : tensor.ByteLength);
            Put(pickle, PickleOpcode.Tuple);
            Put(pickle, PickleOpcode.BinPersId);
            Integer(pickle, 0);
            Sizes(pickle, [.. tensor.Shape.Select(d => (long)d)]);
            Sizes(pickle, Strides(tensor.Shape));
            Put(pickle, PickleOpcode.NewFalse);
            Dictionary(pickle);
            if (untyped is not null)
                Global(pickle, "torch", untyped);
            Put(pickle, PickleOpcode.Tuple);
            Put(pickle, PickleOpcode.Reduce);
        }

        Put(pickle, PickleOpcode.SetItems);
        Put(pickle, PickleOpcode.Stop);
        return pickle.ToArray();
    }

    private static string StorageOf(DataType type) => type switch
    {
        DataType.Float32 => "FloatStorage",
        DataType.Float16 => "HalfStorage",
        DataType.BFloat16 => "BFloat16Storage",
        DataType.Float64 => "DoubleStorage",
        DataType.UInt8 => "ByteStorage",
        DataType.Int8 => "CharStorage",
        DataType.Int16 => "ShortStorage",
        DataType.Int32 => "IntStorage",
        DataType.Int64 => "LongStorage",
        _ => "BoolStorage",
    };

    private static long[] Strides(IReadOnlyList<int> shape)
    {
        long[] strides = new long[shape.Count];
        long stride = 1;
        for (int i = shape.Count - 1; i >= 0; i--)
        {
            strides[i] = stride;
            stride *= Math.Max(1, shape[i]);
        }

        return strides;
    }

    private static void Put(MemoryStream pickle, PickleOpcode opcode) => pickle.WriteByte((byte)opcode);

    private static void Dictionary(MemoryStream pickle)
    {
        Global(pickle, "collections", "OrderedDict");
        Put(pickle, PickleOpcode.EmptyTuple);
        Put(pickle, PickleOpcode.Reduce);
    }

    private static void Global(MemoryStream pickle, string module, string name)
    {
        Put(pickle, PickleOpcode.Global);
        pickle.Write(Encoding.ASCII.GetBytes($"{module}\n{name}\n"));
    }

    private static void Text(MemoryStream pickle, string text)
    {
        byte[] utf8 = Encoding.UTF8.GetBytes(text);
        Put(pickle, PickleOpcode.BinUnicode);
        Span<byte> length = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, utf8.Length);
        pickle.Write(length);
        pickle.Write(utf8);
    }

    private static void Sizes(MemoryStream pickle, long[] sizes)
    {
        Put(pickle, PickleOpcode.Mark);
        foreach (long size in sizes)
            Integer(pickle, size);
        Put(pickle, PickleOpcode.Tuple);
    }

    private static void Integer(MemoryStream pickle, long value)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
        if (value == (int)value)
        {
            Put(pickle, PickleOpcode.BinInt);
            pickle.Write(bytes[..4]);
        }
        else
        {
            Put(pickle, PickleOpcode.Long1);
            pickle.WriteByte(8);
            pickle.Write(bytes);
        }
    }
}
