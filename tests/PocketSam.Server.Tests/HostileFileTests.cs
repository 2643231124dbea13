using System.Net;
using System.Net.Sockets;
using System.Text;
using PocketSam.Server.Api;

namespace PocketSam.Server.Tests;

/// <summary>Whatever is uploaded, the service answers, keeps no memory for it and goes on.</summary>
public sealed class HostileFileTests
{
    private const int MaxBytes = 1 << 20;

    [Fact]
    public async Task EachIsRefusedWithAReason()
    {
        await using Service service = await Service.StartAsync(options => options.MaxUploadBytes = MaxBytes);
        foreach ((string name, byte[] file) in HostileFiles.All(MaxBytes))
        {
            using HttpResponseMessage response = await service.SendFileAsync(file);
            string text = await response.Content.ReadAsStringAsync();
            Assert.True(
                response.StatusCode is HttpStatusCode.RequestEntityTooLarge or HttpStatusCode.UnprocessableEntity,
                $"{name}: {(int)response.StatusCode} {text}");
            Assert.Contains("\"code\"", text);
        }

        Assert.Equal(0, await service.MetricAsync("pocketsam_cache_bytes"));
        await service.UploadReadyAsync();
    }

    [Fact]
    public async Task LimitsAreKept()
    {
        await using Service service = await Service.StartAsync(options => (options.MaxUploadBytes, options.MaxPixels) = (2000, 100));
        await service.SendFileAsync(new byte[2001]).IsRefusedAsync(413, "file_too_large");
        await service.SendFileAsync(Imaging.ImageFile.EncodePng(Service.Draw(11, 10))).IsRefusedAsync(413, "image_too_large");
        await service.UploadReadyAsync(Imaging.ImageFile.EncodePng(Service.Draw(10, 10)));

        // Without a stated length the limit is found while reading.
        var chunked = new StreamContent(new Unsized([.. Service.Jpeg, .. new byte[4000]]));
        await service.Client.PostAsync(Service.Images, chunked).IsRefusedAsync(413, "file_too_large");
    }

    [Fact]
    public async Task AnUploadThatDripsIsCutOff()
    {
        await using Service service = await Service.StartAsync(options => options.UploadTimeout = TimeSpan.FromSeconds(1));
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, service.Client.BaseAddress!.Port);
        await using NetworkStream stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            $"POST /{Service.Images} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\nx"));
        using var reader = new StreamReader(stream);
        Assert.StartsWith("HTTP/1.1 408 ", await reader.ReadLineAsync());
    }

    [Theory]
    [InlineData("../../etc/passwd", "passwd")]
    [InlineData("..", "picture")]
    [InlineData("C:\\a\\b.jpg", "b.jpg")]
    [InlineData("a\r\nSet-Cookie=x.jpg", "aSet-Cookie=x.jpg")]
    [InlineData("", "picture")]
    [InlineData("naïve \"photo\".jpg", "naïve photo.jpg")]
    public async Task NamesLeadNowhere(string name, string kept)
    {
        await using Service service = await Service.StartAsync();
        ImageDocument image = await service.UploadAsync(query: $"?name={Uri.EscapeDataString(name)}");
        Assert.Equal(kept, image.Name);
    }

    /// <summary>A stream whose length nobody can ask for.</summary>
    private sealed class Unsized(byte[] bytes) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;
    }
}
