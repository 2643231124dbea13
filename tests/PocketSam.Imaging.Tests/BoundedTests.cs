namespace PocketSam.Imaging.Tests;

/// <summary>What keeps the time of decoding within bounds, and reading from streams.</summary>
public class BoundedTests
{
    [Fact]
    public void AJpegOfManyScans_IsRefusedBeforeItIsDecoded()
    {
        byte[] jpeg = Fixture.Bytes("progressive.jpg");
        int scan = jpeg.AsSpan().LastIndexOf<byte>([0xFF, 0xDA]);
        byte[] last = jpeg[scan..^2];
        byte[] many = [.. jpeg[..scan], .. Enumerable.Repeat(last, 600).SelectMany(bytes => bytes), 0xFF, 0xD9];

        var e = Assert.Throws<ImageFormatException>(() => ImageFile.Decode(many, "x.jpg"));
        Assert.StartsWith("x.jpg: a JPEG of 6", e.Message);
        Assert.Contains("; the limit is 500 scans", e.Message);
    }

    [Fact]
    public void ScansTimesPixels_AreLimited()
    {
        byte[] jpeg = Fixture.Bytes("progressive.jpg");
        int scan = jpeg.AsSpan().LastIndexOf<byte>([0xFF, 0xDA]);
        byte[] last = jpeg[scan..^2];
        byte[] more = [.. jpeg[..scan], .. Enumerable.Repeat(last, 15).SelectMany(bytes => bytes), 0xFF, 0xD9];

        Assert.Contains(
            "megapixels of all scans together",
            Assert.Throws<ImageFormatException>(() => ImageFile.Decode(more, "x.jpg", maxPixels: 37 * 29)).Message);
        Assert.Equal(37, ImageFile.Decode(jpeg, "x.jpg", maxPixels: 37 * 29).Width);
    }

    [Fact]
    public void Reading_CanBeCancelled()
    {
        using var source = new CancellationTokenSource();
        source.Cancel();

        foreach (string name in Fixture.Pictures())
        {
            Assert.ThrowsAny<OperationCanceledException>(
                () => ImageFile.Read(Fixture.PathOf(name), new ImageReadOptions(), source.Token));
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Streams_AreReadFromWhereTheyStand(bool canSeek)
    {
        byte[] file = [1, 2, 3, .. Fixture.Bytes("rgb.png")];
        using var memory = new MemoryStream(file) { Position = 3 };
        using Stream stream = canSeek ? memory : new BufferedForward(memory);

        Fixture.AssertSame(Fixture.Base(), ImageFile.Read(stream, "upload"));
        Assert.Equal("upload: empty file", Assert.Throws<ImageFormatException>(() => ImageFile.Read(stream, "upload")).Message);
    }

    /// <summary>A stream that gives few bytes at a time and cannot go back.</summary>
    private sealed class BufferedForward(Stream inner) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count) => inner.Read(buffer, offset, Math.Min(count, 7));

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
