using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Text;
using PocketSam.Checkpoints.Storage;

namespace PocketSam.Checkpoints.Torch;

/// <summary>
/// Reads a pickle with a stack machine that makes plain values and those of its vocabulary, and runs no code. Integers
/// become <see cref="long"/> or <see cref="BigInteger"/>, tuples <c>object?[]</c>, lists and sets
/// <c>List&lt;object?&gt;</c>, dictionaries <see cref="PickleDict"/>.
/// </summary>
internal sealed class PickleMachine(ByteReader reader, IPickleVocabulary vocabulary)
{
    /// <summary>
    /// Most bytes of a pickle, far above any state dict's; that of a training with its optimizer has a few megabytes.
    /// </summary>
    private const long MaxLength = 64 << 20;

    /// <summary>Most values to push, about forty for a tensor; each takes up to about a hundred bytes.</summary>
    private const int MaxValues = 1 << 21;

    private const int HighestProtocol = 5;

    /// <summary>Most bytes of a class name or an integer.</summary>
    private const int MaxLine = 1024;

    private readonly long _start = reader.Position;
    private readonly List<object?> _stack = [];
    private readonly List<int> _marks = [];
    private readonly Dictionary<int, object?> _memo = [];
    private int _pushed;

    /// <summary>Stack index where the values of the innermost open collection start.</summary>
    private int Floor => _marks.Count == 0 ? 0 : _marks[^1];

    /// <summary>Runs the pickle and returns its object.</summary>
    /// <exception cref="CheckpointFormatException">The pickle is broken, or the vocabulary refuses a value.</exception>
    public object? Run()
    {
        long at = reader.Position;
        try
        {
            while (true)
            {
                at = reader.Position;
                var opcode = (PickleOpcode)reader.ReadByte();
                if (opcode == PickleOpcode.Stop)
                    return Pop();
                Step(opcode);
            }
        }
        catch (RefusalException e)
        {
            throw new CheckpointFormatException(
                reader.Name, string.Create(CultureInfo.InvariantCulture, $"{e.Message} (pickle, byte {at - _start})"), e);
        }
    }

    private void Step(PickleOpcode opcode)
    {
        switch (opcode)
        {
            case PickleOpcode.Proto:
                if (reader.ReadByte() is var protocol and > HighestProtocol)
                    throw new RefusalException($"a pickle of protocol {protocol}");
                break;
            case PickleOpcode.Frame:
                reader.Take(8);
                break;
            case PickleOpcode.Mark:
                CountValue();
                _marks.Add(_stack.Count);
                break;
            case PickleOpcode.Pop:
                if (_stack.Count == Floor && _marks.Count > 0)
                    _marks.RemoveAt(_marks.Count - 1);
                else
                    Pop();
                break;
            case PickleOpcode.PopMark:
                PopMarked();
                break;
            case PickleOpcode.Dup:
                Push(Top());
                break;
            case PickleOpcode.None:
                Push(null);
                break;
            case PickleOpcode.NewTrue:
                Push(true);
                break;
            case PickleOpcode.NewFalse:
                Push(false);
                break;
            case PickleOpcode.BinInt:
                Push((long)reader.ReadInt32());
                break;
            case PickleOpcode.BinInt1:
                Push((long)reader.ReadByte());
                break;
            case PickleOpcode.BinInt2:
                Push((long)BinaryPrimitives.ReadUInt16LittleEndian(reader.Take(2)));
                break;
            case PickleOpcode.Long1:
                Push(Integer(Take(reader.ReadByte())));
                break;
            case PickleOpcode.Long4:
                Push(Integer(Take(Math.Min(reader.ReadInt32(), MaxLine + 1))));
                break;
            case PickleOpcode.BinFloat:
                Push(BinaryPrimitives.ReadDoubleBigEndian(reader.Take(8)));
                break;
            case PickleOpcode.BinString:
                Push(Encoding.Latin1.GetString(Take(reader.ReadInt32())));
                break;
            case PickleOpcode.ShortBinString:
                Push(Encoding.Latin1.GetString(Take(reader.ReadByte())));
                break;
            case PickleOpcode.BinUnicode:
                Push(Encoding.UTF8.GetString(Take((uint)reader.ReadInt32())));
                break;
            case PickleOpcode.ShortBinUnicode:
                Push(Encoding.UTF8.GetString(Take(reader.ReadByte())));
                break;
            case PickleOpcode.BinUnicode8:
                Push(Encoding.UTF8.GetString(Take(reader.ReadInt64())));
                break;
            case PickleOpcode.BinBytes:
                Push(Take((uint)reader.ReadInt32()).ToArray());
                break;
            case PickleOpcode.ShortBinBytes:
                Push(Take(reader.ReadByte()).ToArray());
                break;
            case PickleOpcode.BinBytes8 or PickleOpcode.ByteArray8:
                Push(Take(reader.ReadInt64()).ToArray());
                break;
            case PickleOpcode.EmptyDict:
                Push(new PickleDict());
                break;
            case PickleOpcode.EmptyList:
                Push(new List<object?>());
                break;
            case PickleOpcode.EmptyTuple:
                Push(Array.Empty<object?>());
                break;
            case PickleOpcode.EmptySet:
                Push(new List<object?>());
                break;
            case PickleOpcode.FrozenSet:
                Push(new List<object?>(PopMarked()));
                break;
            case PickleOpcode.Tuple1:
                PushTuple(1);
                break;
            case PickleOpcode.Tuple2:
                PushTuple(2);
                break;
            case PickleOpcode.Tuple3:
                PushTuple(3);
                break;
            case PickleOpcode.Tuple:
                Push(PopMarked());
                break;
            case PickleOpcode.List:
                Push(new List<object?>(PopMarked()));
                break;
            case PickleOpcode.Dict:
                object?[] pairs = PopMarked();
                var dict = new PickleDict();
                SetItems(dict, pairs);
                Push(dict);
                break;
            case PickleOpcode.Append:
                object? appended = Pop();
                Append(appended);
                break;
            case PickleOpcode.Appends or PickleOpcode.AddItems:
                Append(PopMarked());
                break;
            case PickleOpcode.SetItem:
                object? value = Pop(), key = Pop();
                SetItems(Top(), key, value);
                break;
            case PickleOpcode.SetItems:
                object?[] items = PopMarked();
                SetItems(Top(), items);
                break;
            case PickleOpcode.Global:
                string module = ReadLine();
                PushGlobal(module, ReadLine());
                break;
            case PickleOpcode.StackGlobal:
                object? className = Pop(), moduleName = Pop();
                if (moduleName is not string m || className is not string n)
                    throw new RefusalException("a class whose name is no text");
                PushGlobal(m, n);
                break;
            case PickleOpcode.Reduce or PickleOpcode.NewObj:
                if (Pop() is not object?[] arguments)
                    throw new RefusalException("a call whose arguments are no tuple");
                Push(vocabulary.Call(Pop(), arguments));
                break;
            case PickleOpcode.NewObjEx:
                Pop();
                if (Pop() is not object?[] positional)
                    throw new RefusalException("a call whose arguments are no tuple");
                Push(vocabulary.Call(Pop(), positional));
                break;
            case PickleOpcode.Build:
                // Sets attributes, which OrderedDict, Namespace and the like do not need.
                object? state = Pop();
                if (Top() is PickledRecord record)
                    record.State = (state is object?[] and [var attributes, ..] ? attributes : state) as PickleDict;
                else if (Top() is ScriptModule script)
                    script.Attributes = state as PickleDict;
                break;
            case PickleOpcode.BinPersId:
                Push(vocabulary.Persistent(Pop()));
                break;
            case PickleOpcode.BinGet:
                Push(Recall(reader.ReadByte()));
                break;
            case PickleOpcode.LongBinGet:
                Push(Recall(reader.ReadInt32()));
                break;
            case PickleOpcode.BinPut:
                _memo[reader.ReadByte()] = Top();
                break;
            case PickleOpcode.LongBinPut:
                _memo[reader.ReadInt32()] = Top();
                CountValue();
                break;
            case PickleOpcode.Memoize:
                _memo[_memo.Count] = Top();
                CountValue();
                break;
            default:
                throw new RefusalException($"opcode 0x{(byte)opcode:X2} is none that PyTorch writes");
        }
    }

    private static object Integer(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > MaxLine)
            throw new RefusalException("an integer of more than a thousand bytes");
        var value = new BigInteger(bytes);
        return value >= long.MinValue && value <= long.MaxValue ? (object)(long)value : value;
    }

    private static void SetItems(object? target, params object?[] items)
    {
        if (items.Length % 2 != 0)
            throw new RefusalException("a dictionary with a key that has no value");
        if (target is PickledObject)
            return;
        if (target is not PickleDict dict)
            throw new RefusalException("items for what is no dictionary");
        for (int i = 0; i < items.Length; i += 2)
            dict.Set(items[i], items[i + 1]);
    }

    private void Append(params ReadOnlySpan<object?> items)
    {
        switch (Top())
        {
            case List<object?> list:
                list.AddRange(items);
                break;
            case PickledObject:
                break;
            default:
                throw new RefusalException("items for what is no list");
        }
    }

    private void PushGlobal(string module, string name)
        => Push(vocabulary.Global($"{module}.{name}", outermost: _stack.Count == 0 && _marks.Count == 0));

    private void PushTuple(int count)
    {
        if (_stack.Count - Floor < count)
            throw new RefusalException("takes more values than there are");
        object?[] tuple = [.. CollectionsMarshal.AsSpan(_stack)[^count..]];
        _stack.RemoveRange(_stack.Count - count, count);
        Push(tuple);
    }

    private object? Recall(int index)
        => _memo.TryGetValue(index, out object? value) ? value : throw new RefusalException($"no value {index} was memorised");

    /// <summary>The next <paramref name="count"/> bytes; the count is checked before memory is allocated.</summary>
    private ReadOnlySpan<byte> Take(long count)
    {
        if (count < 0 || reader.Position - _start + count > MaxLength)
            throw new RefusalException($"a text of {count} bytes");
        return reader.Take(count);
    }

    private string ReadLine()
    {
        var line = new StringBuilder();
        for (byte c = reader.ReadByte(); c != '\n'; c = reader.ReadByte())
        {
            if (line.Length == MaxLine)
                throw new RefusalException("a name of more than a thousand characters");
            line.Append((char)c);
        }

        return line.ToString();
    }

    private void Push(object? value)
    {
        CountValue();
        _stack.Add(value);
    }

    private void CountValue()
    {
        if (++_pushed > MaxValues || reader.Position - _start > MaxLength)
            throw new RefusalException("is longer than any checkpoint's");
    }

    private object? Top()
        => _stack.Count > Floor ? _stack[^1] : throw new RefusalException("takes more values than there are");

    private object? Pop()
    {
        object? top = Top();
        _stack.RemoveAt(_stack.Count - 1);
        return top;
    }

    private object?[] PopMarked()
    {
        if (_marks.Count == 0)
            throw new RefusalException("closes what was not opened");
        int floor = _marks[^1];
        object?[] values = [.. CollectionsMarshal.AsSpan(_stack)[floor..]];
        _marks.RemoveAt(_marks.Count - 1);
        _stack.RemoveRange(floor, _stack.Count - floor);
        return values;
    }
}
