using System.Globalization;

namespace PocketSam.Benchmarks.Load;

/// <summary>
/// The service as its users meet it: a child process, real sockets, the default model; one user, eight, and eight beside
/// hostile uploads.
/// </summary>
internal static class ServiceLoad
{
    private const int CacheMegabytes = 256, MaxUploadMegabytes = 8;

    /// <summary>Measures it and prints a table; the result is 0 where all goals are met, else 1.</summary>
    /// <param name="root">The working copy, with the command line built.</param>
    public static async Task<int> RunAsync(string root)
    {
        CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
        using ServiceProcess service = await ServiceProcess.StartAsync(root, CacheMegabytes, MaxUploadMegabytes);
        Console.WriteLine($"{service.Url}, {Environment.ProcessorCount} processors, load of the machine {Machine.LoadAverage()}");
        using var client = new ServiceClient(service.Url);
        string[] photos = Directory.GetFiles(Path.Combine(root, "samples"), "*.jpg");
        byte[][] files = [.. photos.Order().Select(File.ReadAllBytes)];
        byte[] large = Pictures.TwelveMegapixels(files[0]);
        long idle = service.Resident();

        var table = new Table();
        ServedPicture first = await client.UploadAsync(files[0]);
        Latencies one = await Clicking.RunAsync(client, [first], clicks: 400);
        table.Add("1 user, 640x480: round trip, median", one.Median, "ms", 40);
        table.Add("1 user, 640x480: round trip, p99", one.Percentile(99), "ms", 80);
        ServedPicture phone = await client.UploadAsync(large);
        Latencies twelve = await Clicking.RunAsync(client, [phone], clicks: 100);
        table.Add("1 user, 12 megapixels: round trip, median", twelve.Median, "ms", 40);
        table.Add("1 user, 12 megapixels: round trip, p99", twelve.Percentile(99), "ms", 80);

        ServedPicture[] eight = [.. await Task.WhenAll(Enumerable.Range(0, 7).Select(i => client.UploadAsync(files[i % files.Length]))), phone];
        Latencies users = await Clicking.RunAsync(client, eight, time: TimeSpan.FromSeconds(8));
        table.Add("8 users: errors", users.Errors, "", 0);
        table.Add("8 users: round trip, median", users.Median, "ms");
        table.Add("8 users: round trip, p99", users.Percentile(99), "ms", 500);
        table.Add("8 users: clicks a second", users.Count / users.Seconds, "");

        using var enough = new CancellationTokenSource();
        Task<Latencies> beside = Clicking.RunAsync(client, eight, time: TimeSpan.FromMinutes(2), enough: enough.Token, isWarm: true);
        Latencies hostile = await Hostility.RunAsync(client, uploads: 200, MaxUploadMegabytes * 1_000_000);
        await enough.CancelAsync();
        Latencies during = await beside;
        table.Add("200 hostile uploads: not answered 4xx", hostile.Errors, "", 0);
        table.Add("200 hostile uploads: slowest answer", hostile.Percentile(100), "ms", 2000);
        table.Add("8 users meanwhile: errors", during.Errors, "", 0);
        table.Add("8 users meanwhile: round trip, p99", during.Percentile(99), "ms");
        table.Add("memory before the first picture", idle / 1e6, "MB");
        table.Add("memory at the peak", service.Peak() / 1e6, "MB", (idle / 1e6) + CacheMegabytes + Machine.AllowanceMegabytes);
        Console.WriteLine($"load of the machine afterwards {Machine.LoadAverage()}");
        table.Print();
        foreach (string error in users.Messages.Concat(during.Messages).Concat(hostile.Messages).Distinct().Take(10))
            Console.WriteLine(error);
        return table.IsMet ? 0 : 1;
    }
}
