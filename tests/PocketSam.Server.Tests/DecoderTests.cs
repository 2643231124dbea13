using System.Buffers.Binary;
using System.Net;
using System.Net.Http.Headers;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using PocketSam.Imaging;
using PocketSam.Server.Api;
using PocketSam.Server.Exports;

namespace PocketSam.Server.Tests;

/// <summary>What clients are given that decode themselves.</summary>
public sealed class DecoderTests
{
    private const string Decoder = "api/v1/decoder.onnx", Info = "api/v1/info";

    [Fact]
    public async Task AnEmbeddingIsTheModelsInHalfPrecision()
    {
        await using Service service = await Service.StartAsync();
        ImageDocument image = await service.UploadReadyAsync();
        using HttpResponseMessage response = await service.Client.GetAsync($"{Service.Images}/{image.Id}/embedding");
        byte[] bytes = await response.Content.ReadAsByteArrayAsync();
        InfoDocument info = Service.Read(await service.Client.GetStringAsync(Info), ApiJson.Default.InfoDocument);
        Assert.Equal(info.Decoder?.EmbeddingBytes, bytes.Length);
        Assert.Equal("application/octet-stream", response.Content.Headers.ContentType?.ToString());

        using ImageEmbedding expected = Service.Model.Encode(ImageFile.Decode(Service.Jpeg, "picture"));
        Assert.Equal($"{expected.Channels},{expected.Side},{expected.Side}", response.Headers.GetValues("X-Embedding-Shape").Single());
        Assert.Equal("90,60", response.Headers.GetValues("X-Picture-Size").Single());
        Assert.Equal("128,85", response.Headers.GetValues("X-Resized-Size").Single());
        float[] values = expected.ToArray();
        for (int i = 0; i < values.Length; i++)
            Assert.Equal((Half)values[i], BinaryPrimitives.ReadHalfLittleEndian(bytes.AsSpan(2 * i)));
    }

    [Fact]
    public async Task BothAreSentOnceAndThenConfirmed()
    {
        await using Service service = await Service.StartAsync();
        ImageDocument image = await service.UploadReadyAsync();
        foreach (string path in (string[])[Decoder, $"{Service.Images}/{image.Id}/embedding"])
        {
            using HttpResponseMessage first = await service.Client.GetAsync(path);
            Assert.Equal(HttpStatusCode.OK, first.StatusCode);
            Assert.NotEmpty(await first.Content.ReadAsByteArrayAsync());
            Assert.Equal("no-cache, private", string.Join(", ", first.Headers.CacheControl!.ToString().Split(", ").Order()));
            var again = new HttpRequestMessage(HttpMethod.Get, path);
            again.Headers.IfNoneMatch.Add(first.Headers.ETag!);
            using HttpResponseMessage second = await service.Client.SendAsync(again);
            Assert.Equal(HttpStatusCode.NotModified, second.StatusCode);
            again = new HttpRequestMessage(HttpMethod.Get, path);
            again.Headers.IfNoneMatch.Add(new EntityTagHeaderValue("\"another\""));
            using HttpResponseMessage third = await service.Client.SendAsync(again);
            Assert.Equal(HttpStatusCode.OK, third.StatusCode);
        }
    }

    [Fact]
    public async Task PicturesThatAreNotThereHaveNone()
    {
        var encoder = new GatedEncoder();
        await using Service service = await Service.StartAsync(encoder: encoder);
        ImageDocument image = await service.UploadAsync();
        await service.Client.GetAsync($"{Service.Images}/{image.Id}/embedding").IsRefusedAsync(409, "not_ready");
        await service.Client.GetAsync($"{Service.Images}/none/embedding").IsRefusedAsync(404, "image_unknown");
        encoder.Open();
    }

    [Theory]
    [InlineData(640, true)]
    [InlineData(2112, false)]
    public async Task EmbeddingsBeyond4MiBAreNotOffered(int imageSize, bool isOffered)
    {
        var options = new PocketSamOptions { ImageSize = imageSize };
        var decoder = new DecoderExport(Sam.Default, Options.Create(options), NullLogger<DecoderExport>.Instance);
        byte[]? graph = await decoder.GetAsync(CancellationToken.None);
        Assert.Equal(isOffered, graph is not null);
        Assert.Equal(isOffered, decoder.EmbeddingBytes <= 4 << 20);
        if (graph is not null)
            Assert.InRange(graph.Length, 100_000, 2_500_000);
    }
}
