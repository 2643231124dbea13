using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using PocketSam.Server.Api;

namespace PocketSam.Server.Tests;

/// <summary>Clients get what they need to make masks of prompts themselves.</summary>
public sealed class DecodingTests
{
    private const string Decoder = "api/v1/decoder.onnx";
    private const string Wasm = "vendor/onnxruntime-web/ort-wasm-simd-threaded.wasm";

    [Fact]
    public async Task TheEmbeddingComesAsWholeNumbers()
    {
        await using Service service = await Service.StartAsync();
        ImageDocument image = await service.UploadReadyAsync();
        InfoDocument.DecodingOffer offer = (await InfoAsync(service)).Decoding!;
        using HttpResponseMessage response = await service.Client.GetAsync(PathOf(image.Id));
        Assert.Equal("application/octet-stream", response.Content.Headers.ContentType?.ToString());
        Assert.Equal("no-store", response.Headers.CacheControl?.ToString());
        Assert.Equal("int16", Header(response, "X-Tensor-Type"));
        Assert.Equal(string.Join(',', offer.EmbeddingShape), Header(response, "X-Tensor-Shape"));
        Assert.Equal(offer.Decoder, Header(response, "X-Decoder"));

        float[] expected = Service.Model.Encode(Imaging.ImageFile.Decode(Service.Jpeg, "picture")).ToArray();
        byte[] bytes = await response.Content.ReadAsByteArrayAsync();
        int channels = offer.EmbeddingShape[1], size = expected.Length / channels;
        Assert.Equal(4 * channels + 2 * offer.EmbeddingShape.Aggregate((product, count) => product * count), bytes.Length);
        float[] scales = MemoryMarshal.Cast<byte, float>(bytes.AsSpan(0, 4 * channels)).ToArray();
        short[] numbers = MemoryMarshal.Cast<byte, short>(bytes.AsSpan(4 * channels)).ToArray();
        for (int i = 0; i < numbers.Length; i++)
            Assert.Equal(expected[i], numbers[i] * scales[i / size], 0.51f * scales[i / size]);
        Assert.All(scales, scale => Assert.True(scale > 0));

        var again = new HttpRequestMessage(HttpMethod.Get, PathOf(image.Id));
        again.Headers.IfNoneMatch.Add(response.Headers.ETag!);
        using HttpResponseMessage confirmed = await service.Client.SendAsync(again);
        Assert.Equal(HttpStatusCode.NotModified, confirmed.StatusCode);
    }

    [Fact]
    public async Task TheDecoderIsSentOnceAndThenConfirmed()
    {
        await using Service service = await Service.StartAsync();
        using HttpResponseMessage first = await service.Client.GetAsync(Decoder);
        Assert.Equal((await InfoAsync(service)).Decoding!.Decoder, first.Headers.ETag!.ToString());
        Assert.Equal("no-cache, private", first.Headers.CacheControl?.ToString());
        Assert.True((await first.Content.ReadAsByteArrayAsync()).AsSpan().IndexOf("low_res_masks"u8) > 0);
        var again = new HttpRequestMessage(HttpMethod.Get, Decoder);
        again.Headers.IfNoneMatch.Add(first.Headers.ETag);
        using HttpResponseMessage second = await service.Client.SendAsync(again);
        Assert.Equal(HttpStatusCode.NotModified, second.StatusCode);
    }

    [Fact]
    public async Task LargeEmbeddingsStayAtTheService()
    {
        // 8 rows, 8 columns and the channels of the tiny model.
        int bytes = 2 * 8 * 8 * Service.Model.Config.FeatureChannels;
        await using (Service service = await Service.StartAsync(options => options.BrowserEmbeddingBytes = bytes))
            Assert.NotNull((await InfoAsync(service)).Decoding);
        await using Service other = await Service.StartAsync(options => options.BrowserEmbeddingBytes = bytes - 1);
        Assert.Null((await InfoAsync(other)).Decoding);
        ImageDocument image = await other.UploadReadyAsync();
        await other.Client.GetAsync(Decoder).IsRefusedAsync(404, "not_offered");
        await other.Client.GetAsync(PathOf(image.Id)).IsRefusedAsync(404, "not_offered");
    }

    [Fact]
    public async Task WhatIsNotThereIsRefused()
    {
        var encoder = new GatedEncoder();
        await using Service service = await Service.StartAsync(encoder: encoder);
        ImageDocument image = await service.UploadAsync();
        await service.Client.GetAsync(PathOf(image.Id)).IsRefusedAsync(409, "not_ready");
        await service.Client.GetAsync(PathOf("x")).IsRefusedAsync(404, "image_unknown");
        encoder.Open();
    }

    /// <summary>A decoder that runs elsewhere is no graph to be given away; masks are asked for as ever.</summary>
    [Fact]
    public async Task AModelThatIsDecodedElsewhereIsServedWithoutIt()
    {
        await using WebApplication application = PocketSamApplication.Create(
            new IPEndPoint(IPAddress.Loopback, 0),
            services: services => services.AddSingleton(Service.Model.WithBackend(null, new NoDecoder())));
        await application.StartAsync();
        using var client = new HttpClient { BaseAddress = new Uri(application.Urls.First()) };
        await client.GetAsync(Decoder).IsRefusedAsync(404, "not_offered");
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("api/v1/info")).StatusCode);
    }

    [Fact]
    public async Task TheRuntimeOfThePageIsSmallOnTheWay()
    {
        await using Service service = await Service.StartAsync();
        Assert.SkipWhen((await InfoAsync(service)).Decoding!.Runtime is null, "there is no ONNX Runtime for browsers: 'make web' fetches it");
        byte[] plain = await service.Client.GetByteArrayAsync(Wasm);
        Assert.Equal("\0asm"u8.ToArray(), plain[..4]);
        var request = new HttpRequestMessage(HttpMethod.Get, Wasm);
        request.Headers.AcceptEncoding.Add(new StringWithQualityHeaderValue("gzip"));
        using HttpResponseMessage response = await service.Client.SendAsync(request);
        Assert.Equal("application/wasm", response.Content.Headers.ContentType?.ToString());
        Assert.Equal(["gzip"], response.Content.Headers.ContentEncoding);
        Assert.InRange(response.Content.Headers.ContentLength!.Value, 1, plain.Length / 2);
        using var expanded = new MemoryStream();
        await new GZipStream(await response.Content.ReadAsStreamAsync(), CompressionMode.Decompress).CopyToAsync(expanded);
        Assert.Equal(plain, expanded.ToArray());
    }

    private static string PathOf(string id) => $"{Service.Images}/{id}/embedding";

    private static string Header(HttpResponseMessage response, string name) => response.Headers.GetValues(name).Single();

    private static async Task<InfoDocument> InfoAsync(Service service)
        => Service.Read(await service.Client.GetStringAsync("api/v1/info"), ApiJson.Default.InfoDocument);

    private sealed class NoDecoder : IDecoderBackend
    {
        public int MaxObjects => 1;

        public void Decode(BackendPrompts prompts, Memory<float> iou, Memory<float> logits, CancellationToken cancellation)
            => iou.Span.Clear();
    }
}
