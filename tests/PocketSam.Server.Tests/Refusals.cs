using System.Net;
using System.Text.Json.Nodes;

namespace PocketSam.Server.Tests;

/// <summary>What answers are expected to be.</summary>
internal static class Refusals
{
    /// <summary>A problem of that status and code, and nothing else.</summary>
    public static async Task<string> IsRefusedAsync(this Task<HttpResponseMessage> request, int status, string code)
    {
        using HttpResponseMessage response = await request;
        string text = await response.Content.ReadAsStringAsync();
        Assert.True((int)response.StatusCode == status, $"{(int)response.StatusCode}: {text}");
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        JsonNode problem = JsonNode.Parse(text)!;
        Assert.Equal(code, (string?)problem["code"]);
        Assert.Equal(status, (int?)problem["status"]);
        Assert.False(string.IsNullOrEmpty((string?)problem["title"]));
        if (response.StatusCode == HttpStatusCode.TooManyRequests)
            Assert.True(response.Headers.RetryAfter?.Delta >= TimeSpan.FromSeconds(1));
        return (string)problem["detail"]!;
    }
}
