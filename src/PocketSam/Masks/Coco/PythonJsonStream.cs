namespace PocketSam.Masks.Coco;

/// <summary>
/// JSON as Python writes it: the words <c>NaN</c>, <c>Infinity</c> and <c>-Infinity</c>, which JSON does not have,
/// become empty strings of the same length, so that positions in messages are those of the file.
/// </summary>
/// <param name="source">The file; it stays open.</param>
internal sealed class PythonJsonStream(Stream source) : Stream
{
    private const int BufferSize = 1 << 16;
    private const string NotANumber = "NaN";
    private const string Infinity = "Infinity";

    private readonly byte[] _bytes = new byte[BufferSize];
    private int _next;
    private int _end;
    private bool _inText;
    private bool _isEscaped;
    private string _word = "";
    private int _place;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        if (_next == _end)
            Fill();
        int count = Math.Min(buffer.Length, _end - _next);
        _bytes.AsSpan(_next, count).CopyTo(buffer);
        _next += count;
        return count;
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <summary>Reads a block; a minus at its end is read together with the next byte.</summary>
    private void Fill()
    {
        _next = 0;
        _end = source.Read(_bytes.AsSpan(..^1));
        if (_end > 0 && _bytes[_end - 1] == '-' && source.ReadByte() is >= 0 and var after)
            _bytes[_end++] = (byte)after;
        for (int i = 0; i < _end; i++)
            Rewrite(_bytes, i);
    }

    private void Rewrite(Span<byte> bytes, int i)
    {
        byte b = bytes[i];
        if (_inText)
        {
            _inText = _isEscaped || b != '"';
            _isEscaped = !_isEscaped && b == '\\';
            return;
        }

        if (_place == 0)
        {
            _word = b switch { (byte)'N' => NotANumber, (byte)'I' => Infinity, _ => "" };
            if (_word.Length == 0)
            {
                _inText = b == '"';
                return;
            }

            if (i > 0 && b == 'I' && bytes[i - 1] == '-')
                bytes[i - 1] = (byte)' ';
        }
        else if (b != _word[_place])
        {
            _place = 0;
            return;
        }

        bytes[i] = (byte)(_place < 2 ? '"' : ' ');
        _place = (_place + 1) % _word.Length;
    }
}
