using System.Net.ServerSentEvents;

namespace PocketSam.Server.Tests;

/// <summary>A stream of server-sent events as a client reads it.</summary>
internal sealed class ServerEvents : IAsyncDisposable
{
    private readonly HttpResponseMessage _response;
    private readonly IAsyncEnumerator<SseItem<string>> _items;

    private ServerEvents(HttpResponseMessage response, Stream stream)
    {
        _response = response;
        _items = SseParser.Create(stream).EnumerateAsync().GetAsyncEnumerator();
    }

    public static async Task<ServerEvents> OpenAsync(HttpClient client, HttpRequestMessage request)
    {
        HttpResponseMessage response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
        return new ServerEvents(response, await response.Content.ReadAsStreamAsync());
    }

    public static Task<ServerEvents> WatchAsync(Service service, string id)
        => OpenAsync(service.Client, new HttpRequestMessage(HttpMethod.Get, $"{Service.Images}/{id}/events"));

    /// <summary>The next event, or null at the end.</summary>
    public async Task<(string Name, string Data)?> NextAsync()
        => await _items.MoveNextAsync() ? (_items.Current.EventType, _items.Current.Data) : null;

    public async Task<List<(string Name, string Data)>> RestAsync()
    {
        List<(string, string)> rest = [];
        while (await NextAsync() is { } item)
            rest.Add(item);
        return rest;
    }

    public async ValueTask DisposeAsync()
    {
        await _items.DisposeAsync();
        _response.Dispose();
    }
}
