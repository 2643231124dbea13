using System.Diagnostics;

namespace PocketSam.Benchmarks.Load;

/// <summary>Users who click on a picture each, again as soon as they are answered.</summary>
internal static class Clicking
{
    private const int WarmUp = 20;

    /// <summary>Clicks that are not measured, one after the other, then those of all users at once.</summary>
    /// <param name="client">Speaks with the service.</param>
    /// <param name="pictures">A picture for each user.</param>
    /// <param name="clicks">Clicks of each user.</param>
    /// <param name="time">How long they click, at most.</param>
    /// <param name="enough">Ends it.</param>
    /// <param name="isWarm">Whether the pictures were clicked on before, so that measuring begins at once.</param>
    public static async Task<Latencies> RunAsync(
        ServiceClient client, ServedPicture[] pictures, int clicks = int.MaxValue, TimeSpan? time = null,
        CancellationToken enough = default, bool isWarm = false)
    {
        for (int i = 0; i < WarmUp && !isWarm; i++)
            await client.ClickAsync(pictures[i % pictures.Length], i, i);
        var latencies = new Latencies();
        long start = Stopwatch.GetTimestamp();
        await Task.WhenAll(pictures.Select((picture, user) => Task.Run(async () =>
        {
            var random = new Random(user);
            for (int i = 0; i < clicks && !enough.IsCancellationRequested; i++)
            {
                if (time is { } most && Stopwatch.GetElapsedTime(start) > most)
                    return;
                int x = random.Next(picture.Width), y = random.Next(picture.Height);
                await latencies.MeasureAsync(() => client.ClickAsync(picture, x, y));
            }
        })));
        return latencies;
    }
}
