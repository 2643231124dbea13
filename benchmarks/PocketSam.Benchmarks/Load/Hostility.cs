using PocketSam.Server.Tests;

namespace PocketSam.Benchmarks.Load;

/// <summary>Uploads that are to be refused.</summary>
internal static class Hostility
{
    private const int Senders = 4;

    /// <summary>Sends every kind of hostile file in turn; an answer that is not 4xx is an error.</summary>
    public static async Task<Latencies> RunAsync(ServiceClient client, int uploads, int maxBytes)
    {
        KeyValuePair<string, byte[]>[] files = [.. HostileFiles.All(maxBytes)];
        var latencies = new Latencies();
        int next = -1;
        await Task.WhenAll(Enumerable.Range(0, Senders).Select(_ => Task.Run(async () =>
        {
            for (int i = Interlocked.Increment(ref next); i < uploads; i = Interlocked.Increment(ref next))
            {
                (string name, byte[] file) = files[i % files.Length];
                await latencies.MeasureAsync(async () =>
                {
                    using HttpResponseMessage response = await client.SendAsync(file);
                    return (int)response.StatusCode is >= 400 and < 500 ? null : $"{name}: {(int)response.StatusCode}";
                });
            }
        })));
        return latencies;
    }
}
