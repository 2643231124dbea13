using System.Globalization;

namespace PocketSam.Benchmarks.Load;

/// <summary>Replicas of the service behind one address, while somebody else ends some of them.</summary>
internal static class ReplicaLoad
{
    private const int Users = 24;

    /// <summary>Has users click, each on a picture of their own; the result is 0 where all are answered in time, else 1.</summary>
    /// <param name="url">The address.</param>
    /// <param name="seconds">How long.</param>
    public static async Task<int> RunAsync(Uri url, string seconds)
    {
        CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
        using var client = new ServiceClient(url);
        byte[][] files = [.. Directory.GetFiles("samples", "*.jpg").Order().Select(File.ReadAllBytes)];
        var pictures = new ServedPicture[Users];
        for (int i = 0; i < Users; i++)
            pictures[i] = await client.UploadAsync(files[i % files.Length]);
        Console.WriteLine($"{Users} pictures are there, load of the machine {Machine.LoadAverage()}");
        Latencies clicks = await Clicking.RunAsync(client, pictures, time: TimeSpan.FromSeconds(double.Parse(seconds, CultureInfo.InvariantCulture)));
        var table = new Table();
        table.Add($"{Users} users: errors", clicks.Errors, "", 0);
        table.Add($"{Users} users: clicks", clicks.Count, "");
        table.Add($"{Users} users: round trip, median", clicks.Median, "ms");
        table.Add($"{Users} users: round trip, p99", clicks.Percentile(99), "ms", 1000);
        table.Add($"{Users} users: slowest", clicks.Percentile(100), "ms");
        table.Print();
        foreach (string error in clicks.Messages.Distinct().Take(10))
            Console.WriteLine(error);
        return table.IsMet ? 0 : 1;
    }
}
