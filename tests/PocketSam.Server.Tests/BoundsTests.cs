using System.IO.Compression;
using System.Net;
using System.Text;
using PocketSam.Imaging;
using PocketSam.Server.Api;
using PocketSam.Server.Exports;
using PocketSam.Server.Jobs;

namespace PocketSam.Server.Tests;

/// <summary>What one request or one client can ask for is bounded.</summary>
public sealed class BoundsTests
{
    private const string Whole = """{"rle":{"size":[1000,1200],"counts":[0,1200000]}}""";
    private static readonly byte[] Wide = ImageFile.EncodePng(Service.Draw(1200, 1000));

    [Fact]
    public async Task ObjectsTimesPixelsAreBounded()
    {
        await using Service service = await Service.StartAsync(options => options.MaxObjectPixels = 2_400_000);
        string path = $"{Service.Images}/{(await service.UploadReadyAsync(Wide)).Id}/predict";
        const string One = """{"points":[{"x":1,"y":1}]}""";
        string detail = await service.PostAsync(path, $$"""{"objects":[{{One}},{{One}},{{One}}]}""").IsRefusedAsync(422, "invalid_prompt");
        Assert.Contains("at most 2 ", detail);
        using HttpResponseMessage two = await service.PostAsync(path, $$"""{"objects":[{{One}},{{One}}]}""");
        Assert.Equal(HttpStatusCode.OK, two.StatusCode);
    }

    [Fact]
    public async Task OneObjectIsAlwaysAnswered()
    {
        await using Service service = await Service.StartAsync(options => options.MaxObjectPixels = 1_000_000);
        string id = (await service.UploadReadyAsync(Wide)).Id;
        Assert.Single((await service.PredictAsync(id, """{"objects":[{"points":[{"x":1,"y":1}]}]}""")).Objects);
    }

    /// <summary>More objects than are predicted in one go are sent in several, with the same words.</summary>
    [Fact]
    public async Task ManyObjectsAreAnsweredInTheirOrder()
    {
        await using Service service = await Service.StartAsync();
        string id = (await service.UploadReadyAsync()).Id;
        string[] points = [.. Enumerable.Range(0, 40).Select(i => $$"""{"points":[{"x":{{2 * i}},"y":{{i}}}],"multimask":{{(i % 3 == 0 ? "true" : "false")}}}""")];
        PredictResponse all = await service.PredictAsync(id, $$"""{"objects":[{{string.Join(',', points)}}]}""");
        Assert.Equal(points.Select((_, i) => i % 3 == 0 ? 3 : 1), all.Objects.Select(found => found.Candidates.Count));
        PredictResponse last = await service.PredictAsync(id, $$"""{"objects":[{{points[39]}}]}""");
        Assert.Equal(last.Objects[0].Candidates[0].Rle!.ToCompressed(), all.Objects[39].Candidates[0].Rle!.ToCompressed());
        Assert.True(all.Milliseconds > 0);
    }

    [Fact]
    public async Task AMaskToStartFromThatIsEmptyIsRefusedBeforeAnythingIsSent()
    {
        await using Service service = await Service.StartAsync();
        string id = (await service.UploadReadyAsync()).Id;
        string good = """{"points":[{"x":1,"y":1}]}""";
        string bad = """{"points":[{"x":1,"y":1}],"mask":{"size":[60,90],"counts":[5400]}}""";
        string objects = string.Join(',', Enumerable.Repeat(good, 40).Append(bad));
        await service.PostAsync($"{Service.Images}/{id}/predict", $$"""{"objects":[{{objects}}]}""").IsRefusedAsync(422, "invalid_prompt");
    }

    [Theory]
    [InlineData("cutout", "pixels of the photo")]
    [InlineData("mask", "pixels")]
    public async Task PixelsOfAnExportAreBounded(string format, string what)
    {
        await using Service service = await Service.StartAsync(options =>
        {
            options.MaxExportPhotoPixels = 3_000_000;
            options.MaxExportPixels = format == "mask" ? 3_000_000 : 100_000_000;
        });
        string path = $"{Service.Images}/{(await service.UploadReadyAsync(Wide)).Id}/export";
        string detail = await service.PostAsync(path, $$"""{"format":"{{format}}","objects":[{{Whole}},{{Whole}},{{Whole}}]}""")
            .IsRefusedAsync(422, "invalid_export");
        Assert.StartsWith($"3600000 {what}:", detail);
        using HttpResponseMessage two = await service.PostAsync(path, $$"""{"format":"{{format}}","objects":[{{Whole}},{{Whole}}]}""");
        Assert.Equal(HttpStatusCode.OK, two.StatusCode);
        using var zip = new ZipArchive(await two.Content.ReadAsStreamAsync());
        Assert.Equal(2, zip.Entries.Count);
    }

    [Theory]
    [InlineData("svg", true)]
    [InlineData("geojson", true)]
    [InlineData("yolo", true)]
    [InlineData("labelme", true)]
    [InlineData("coco", false)]
    public async Task CornersOfAnExportAreBounded(string format, bool isRefused)
    {
        await using Service service = await Service.StartAsync(options => options.MaxExportCorners = 1000);
        string path = $"{Service.Images}/{(await service.UploadReadyAsync()).Id}/export";
        var dots = new BinaryMask(90, 60);
        for (int i = 0; i < 90 * 60; i++)
            dots[i % 90, i / 90] = (i % 90 + i / 90) % 2 == 0;
        string counts = string.Join(',', Rle.Encode(dots).Counts.ToArray());
        string json = $$"""{"format":"{{format}}","objects":[{"rle":{"size":[60,90],"counts":[{{counts}}]} }]}""";
        if (isRefused)
            Assert.Contains("corners", await service.PostAsync(path, json).IsRefusedAsync(422, "invalid_export"));
        else
            Assert.Equal(HttpStatusCode.OK, (await service.PostAsync(path, json)).StatusCode);
    }

    [Fact]
    public async Task TheGridOfASearchIsBounded()
    {
        await using Service service = await Service.StartAsync(options => options.MaxPointsPerSide = 4);
        string path = $"{Service.Images}/{(await service.UploadReadyAsync()).Id}/everything";
        await service.PostAsync(path, """{"points_per_side":5}""").IsRefusedAsync(422, "invalid_options");
        using HttpResponseMessage four = await service.PostAsync(path, """{"points_per_side":4}""");
        Assert.Equal(HttpStatusCode.OK, four.StatusCode);
    }

    [Fact]
    public async Task NumbersBeyondSinglePrecisionAreNoThresholds()
    {
        await using Service service = await Service.StartAsync();
        string path = $"{Service.Images}/{(await service.UploadReadyAsync()).Id}/everything";
        await service.PostAsync(path, """{"pred_iou_thresh":1e39}""").IsRefusedAsync(422, "invalid_options");
        await service.PostAsync(path, """{"stability_score_thresh":-1e39}""").IsRefusedAsync(422, "invalid_options");
    }

    [Fact]
    public async Task SmallJobsDoNotWaitForLargeOnes()
    {
        using var lanes = new JobLanes("test", largeFrom: 10, smallThreads: 1, queueLength: 4);
        using var gate = new ManualResetEventSlim();
        Task<int> large = lanes.RunAsync(10, () => gate.Wait(TimeSpan.FromSeconds(30)) ? 1 : 0, default);
        Assert.Equal(2, await lanes.RunAsync(9, () => 2, default));
        Assert.False(large.IsCompleted);
        gate.Set();
        Assert.Equal(1, await large);
    }

    [Fact]
    public async Task AnExportIsSentAsItWasWritten()
    {
        var random = new Random(1);
        byte[] expected = new byte[300_000];
        random.NextBytes(expected);
        using var buffer = new ExportBuffer(CancellationToken.None);
        using var target = new MemoryStream();
        for (int at = 0; at < expected.Length;)
        {
            int count = Math.Min(random.Next(90_000), expected.Length - at);
            buffer.Write(expected, at, count);
            at += count;
            if (random.Next(3) > 0)
                continue;
            Assert.Equal(at - target.Length, buffer.Waiting);
            await buffer.SendAsync(target);
            Assert.Equal(0, buffer.Waiting);
        }

        await buffer.SendAsync(target);
        Assert.Equal(expected, target.ToArray());
    }

    [Fact]
    public void AnExportWhoseClientIsGoneStopsWhereverItIs()
    {
        using var cancellation = new CancellationTokenSource();
        using var buffer = new ExportBuffer(cancellation.Token);
        buffer.WriteByte(1);
        cancellation.Cancel();
        Assert.Throws<OperationCanceledException>(() => buffer.WriteByte(2));
    }

    [Fact]
    public async Task AClientLeavesPlacesInTheQueueToOthers()
    {
        var encoder = new GatedEncoder();
        await using Service service = await Service.StartAsync(options => options.QueueLength = 8, encoder);
        for (int i = 0; i < 7; i++)
            await service.UploadAsync();
        await Service.Until(async () => await service.MetricAsync("pocketsam_encoding") == 1);
        await service.SendFileAsync(Service.Jpeg).IsRefusedAsync(429, "queue_full");
        using HttpResponseMessage other = await service.From("127.0.0.2").PostAsync(Service.Images, new ByteArrayContent(Service.Jpeg));
        Assert.Equal(HttpStatusCode.Accepted, other.StatusCode);
        encoder.Open();
    }

    [Fact]
    public async Task AClientThatHasMostOfTheCacheMakesRoomItself()
    {
        byte[] large = ImageFile.EncodePng(Service.Draw(2000, 1000));
        await using Service service = await Service.StartAsync(options => options.CacheBytes = 16 << 20);
        using HttpResponseMessage others = await service.From("127.0.0.2").PostAsync(Service.Images, new ByteArrayContent(large));
        string first = Service.Read(await others.Content.ReadAsStringAsync(), ApiJson.Default.ImageDocument).Id;
        await Service.Until(async () => (await service.GetAsync(first)).State == "ready");
        ImageDocument own = await service.UploadReadyAsync(large);
        await service.UploadReadyAsync(large);
        Assert.Equal("ready", (await service.GetAsync(first)).State);
        await service.Client.GetAsync($"{Service.Images}/{own.Id}").IsRefusedAsync(404, "image_unknown");
    }

    [Fact]
    public void MemoryIsGivenBackWhenItHasBeenQuiet()
    {
        var time = new ManualTime();
        (long allocated, int collections) = (0, 0);
        using var idle = new IdleCollection(time, () => allocated, () => collections++);
        idle.StartAsync(default);
        foreach ((long bytes, int expected) in ((long, int)[])
            [(IdleCollection.Much, 0), (0, 1), (0, 1), (IdleCollection.Quiet - 1, 1), (IdleCollection.Much, 1), (IdleCollection.Quiet, 1), (1, 2)])
        {
            allocated += bytes;
            time.Pass(IdleCollection.Period);
            Assert.Equal(expected, collections);
        }
    }

    /// <summary>Whoever takes an answer slowly holds up neither others nor, within its share, itself.</summary>
    [Fact]
    public async Task LargeDocumentsDoNotWaitUntilOthersAreAnswered()
    {
        await using Service service = await Service.StartAsync();
        string path = $"{Service.Images}/{(await service.UploadReadyAsync(Wide)).Id}/export";
        const int Length = 1_200_000;
        string dots = $$"""{"rle":{"size":[1000,1200],"counts":"{{new string('1', 3)}}{{new string('0', Length - 3)}}"} }""";
        string large = $$"""{"format":"coco","objects":[{{string.Join(',', Enumerable.Repeat(dots, 16))}}]}""";
        using HttpResponseMessage slow = await SendAsync(service.Client, large);
        Assert.Equal(HttpStatusCode.OK, slow.StatusCode);

        string small = $$"""{"format":"coco","objects":[{{dots}}]}""";
        foreach (HttpClient client in (HttpClient[])[service.From("127.0.0.2"), service.Client])
        {
            using HttpResponseMessage response = await SendAsync(client, small);
            Assert.InRange((await response.Content.ReadAsByteArrayAsync()).Length, Length, 2 * Length);
        }

        await SendAsync(service.Client, large).IsRefusedAsync(429, "busy");
        Assert.InRange((await slow.Content.ReadAsByteArrayAsync()).Length, 16 * Length, 17 * Length);
        using HttpResponseMessage again = await SendAsync(service.Client, large);
        Assert.Equal(HttpStatusCode.OK, again.StatusCode);

        Task<HttpResponseMessage> SendAsync(HttpClient client, string json) => client.SendAsync(
            new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(json, Encoding.UTF8, "application/json") },
            HttpCompletionOption.ResponseHeadersRead);
    }

    /// <summary>Small files beside a large one are no large garbage, and do not wait for other large ones.</summary>
    [Fact]
    public async Task EachFileOfAnExportCountsAsWhatItIs()
    {
        int collections = 0;
        using var exporter = new Exporter(new LargeGarbage(() => collections++));
        RgbImage photo = Service.Draw(1200, 1000);
        Annotation[] masks = [.. Enumerable.Range(0, 40).Select(i =>
        {
            var mask = new BinaryMask(photo.Width, photo.Height);
            mask.Fill(i == 0 ? new PixelBox(0, 0, photo.Width, photo.Height) : new PixelBox(i, i, i == 1 ? 0 : 4, 4));
            return new Annotation(mask);
        })];
        MaskFormat format = PictureFormats.All["cutout"];
        var picture = new AnnotatedPicture("wide.png", photo.Width, photo.Height, masks) { Photo = photo };
        using var target = new MemoryStream();
        await exporter.SendAsync(format, picture, [.. masks.Select(format.CostOf)], (_, _, _) => { }, target, CancellationToken.None);
        using var zip = new ZipArchive(target);
        Assert.Equal(39, zip.Entries.Count);
        Assert.Equal(0, collections);
    }

    [Fact]
    public void GarbageIsCollectedByOneOfThoseWhoAddToItAtATime()
    {
        const int Rounds = 20_000;
        int collections = 0;
        LargeGarbage garbage = Almost();
        using var round = new Barrier(2, _ => garbage = Almost());
        Thread[] threads = [.. Enumerable.Range(0, 2).Select(_ => new Thread(() =>
        {
            for (int i = 0; i < Rounds; i++)
            {
                garbage.Add(1);
                round.SignalAndWait();
            }
        }))];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        Assert.Equal(Rounds, collections);

        LargeGarbage Almost()
        {
            var almost = new LargeGarbage(() => Interlocked.Increment(ref collections));
            almost.Add(LargeGarbage.Limit - 1);
            return almost;
        }
    }

    [Fact]
    public void LargeGarbageIsCollectedBeforeItAddsUp()
    {
        int collections = 0;
        var garbage = new LargeGarbage(() => collections++);
        garbage.Add(LargeGarbage.Limit - 1);
        Assert.Equal(0, collections);
        garbage.Add(1);
        garbage.Add(1);
        Assert.Equal(1, collections);
    }
}
