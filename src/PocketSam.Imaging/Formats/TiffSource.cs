using System.Globalization;
using BitMiracle.LibTiff.Classic;

namespace PocketSam.Imaging.Formats;

/// <summary>A TIFF file in memory, as a stream for LibTiff.</summary>
internal sealed class TiffSource(byte[] bytes) : TiffStream
{
    private long _position;

    /// <summary>The first error that LibTiff reports, or null.</summary>
    public string? Error { get; private set; }

    public override int Read(object clientData, byte[] buffer, int offset, int count)
    {
        int length = (int)Math.Clamp(bytes.Length - _position, 0, count);
        bytes.AsSpan((int)Math.Min(_position, bytes.Length), length).CopyTo(buffer.AsSpan(offset));
        _position += length;
        return length;
    }

    public override long Seek(object clientData, long offset, SeekOrigin origin)
    {
        _position = Math.Max(0, offset + origin switch
        {
            SeekOrigin.Current => _position,
            SeekOrigin.End => bytes.Length,
            _ => 0,
        });
        return _position;
    }

    public override void Write(object clientData, byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Close(object clientData)
    {
    }

    public override long Size(object clientData) => bytes.Length;

    /// <summary>
    /// LibTiff has one message handler for the process, which writes to standard error by default. This one keeps the
    /// errors of files read here with their source, and forwards those of others to the previous handler.
    /// </summary>
    internal sealed class Messages : TiffErrorHandler
    {
        private static readonly Messages Instance = new();

        private readonly TiffErrorHandler? _others;

        private Messages()
        {
            _others = Tiff.SetErrorHandler(this);
        }

        /// <summary>Installs the handler once for the process.</summary>
        public static void Install() => GC.KeepAlive(Instance);

        public override void ErrorHandler(Tiff tif, string method, string format, params object[] args)
        {
            if (tif?.Clientdata() is TiffSource source)
                source.Error ??= string.Format(CultureInfo.InvariantCulture, format, args);
            else
                _others?.ErrorHandler(tif, method, format, args);
        }

        public override void ErrorHandlerExt(
            Tiff tif, object clientData, string method, string format, params object[] args)
        {
            if (clientData is not TiffSource)
                _others?.ErrorHandlerExt(tif, clientData, method, format, args);
        }

        public override void WarningHandler(Tiff tif, string method, string format, params object[] args)
        {
            if (tif?.Clientdata() is not TiffSource)
                _others?.WarningHandler(tif, method, format, args);
        }

        public override void WarningHandlerExt(
            Tiff tif, object clientData, string method, string format, params object[] args)
        {
            if (clientData is not TiffSource)
                _others?.WarningHandlerExt(tif, clientData, method, format, args);
        }
    }
}
