using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;

namespace PocketSam.Server.Api;

/// <summary>Sends server-sent events, each without buffering.</summary>
internal sealed class EventStream(HttpContext context)
{
    private readonly ArrayBufferWriter<byte> _buffer = new();

    /// <summary>Sends the headers, so that the client knows that it is being served.</summary>
    public Task StartAsync()
    {
        context.Response.ContentType = MediaTypes.EventStream;
        context.Response.Headers.CacheControl = "no-store";

        // nginx and proxies like it buffer the response otherwise.
        context.Response.Headers["X-Accel-Buffering"] = "no";
        return context.Response.Body.FlushAsync(context.RequestAborted);
    }

    /// <summary>Sends an event whose data is JSON without line breaks.</summary>
    public async Task SendAsync<T>(string name, T value, JsonTypeInfo<T> type)
    {
        _buffer.ResetWrittenCount();
        _buffer.Write("event: "u8);
        Encoding.UTF8.GetBytes(name.AsSpan(), _buffer);
        _buffer.Write("\ndata: "u8);
        using (var json = new Utf8JsonWriter(_buffer, new JsonWriterOptions { Encoder = type.Options.Encoder }))
            JsonSerializer.Serialize(json, value, type);
        _buffer.Write("\n\n"u8);
        await context.Response.Body.WriteAsync(_buffer.WrittenMemory, context.RequestAborted);
    }

    /// <summary>Sends a comment, which keeps the connection open and detects when it is closed.</summary>
    public async Task SendHeartbeatAsync()
        => await context.Response.Body.WriteAsync(": \n\n"u8.ToArray(), context.RequestAborted);
}
