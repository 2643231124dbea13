using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace PocketSam.Benchmarks.Load;

/// <summary>Speaks with the service.</summary>
internal sealed class ServiceClient(Uri url) : IDisposable
{
    private const string Images = "api/v1/images";

    private readonly HttpClient _client = new(new SocketsHttpHandler { MaxConnectionsPerServer = 64 }) { BaseAddress = url };

    /// <summary>Sends a file as it is.</summary>
    public async Task<HttpResponseMessage> SendAsync(byte[] file)
    {
        var content = new ByteArrayContent(file);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        return await _client.PostAsync(Images, content);
    }

    /// <summary>Uploads a picture and waits until it takes prompts.</summary>
    public async Task<ServedPicture> UploadAsync(byte[] file)
    {
        using HttpResponseMessage response = await SendAsync(file);
        response.EnsureSuccessStatusCode();
        JsonNode picture = JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
        string id = (string)picture["id"]!;
        string events = await _client.GetStringAsync($"{Images}/{id}/events");
        if (!events.Contains("\"ready\""))
            throw new IOException($"picture {id} was not encoded");
        return new ServedPicture(id, (int)picture["width"]!, (int)picture["height"]!);
    }

    /// <summary>Clicks and reads the answer; the message of an error, or null.</summary>
    public async Task<string?> ClickAsync(ServedPicture picture, int x, int y)
    {
        string json = $$"""{"objects":[{"points":[{"x":{{x}},"y":{{y}},"label":1}]}]}""";
        using HttpResponseMessage response = await _client.PostAsync(
            $"{Images}/{picture.Id}/predict", new StringContent(json, Encoding.UTF8, "application/json"));
        string text = await response.Content.ReadAsStringAsync();
        return response.IsSuccessStatusCode && text.Contains("\"counts\"") ? null : $"click: {(int)response.StatusCode} {text}";
    }

    public void Dispose() => _client.Dispose();
}
