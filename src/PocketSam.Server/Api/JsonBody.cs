using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace PocketSam.Server.Api;

/// <summary>Reads and writes JSON with the service's own settings, independent of the host's.</summary>
internal static class JsonBody
{
    /// <summary>Length in bytes from which on documents are parsed one at a time.</summary>
    private const int LargeBytes = 64 << 10;

    /// <summary>
    /// JSON metadata of requests and responses. The relaxed encoder leaves characters that are common in run-length
    /// strings unescaped; they need escapes only inside HTML.
    /// </summary>
    public static ApiJson Types { get; } = new(new JsonSerializerOptions(ApiJson.Default.Options)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });

    /// <summary>Reads the request's body.</summary>
    /// <param name="context">The request.</param>
    /// <param name="type">Metadata of the expected type.</param>
    /// <param name="maxBytes">
    /// Longest accepted body in bytes; at most <see cref="RequestBodies.MaxDocumentBytes"/>.
    /// </param>
    /// <exception cref="ApiException">
    /// The content type is not JSON, the body is too long or too slow, or the service receives too much at the moment.
    /// </exception>
    /// <exception cref="JsonException">The body is not the documented JSON.</exception>
    public static async Task<T> ReadAsync<T>(HttpContext context, JsonTypeInfo<T> type, int maxBytes) where T : class
    {
        if (!context.Request.HasJsonContentType())
            throw new ApiException(415, "not_json", $"the body must be {MediaTypes.Json}");
        var bodies = context.RequestServices.GetRequiredService<RequestBodies>();
        using RequestBody body = await bodies.ReadAsync(context, maxBytes, "body_too_large");
        using IDisposable? reading = body.Length > LargeBytes ? await bodies.ReserveDocumentAsync(context, body.Length) : null;
        return JsonSerializer.Deserialize(body.Bytes, type) ?? throw new JsonException("null");
    }

    /// <summary>Writes the response.</summary>
    public static Task WriteAsync<T>(HttpContext context, T value, JsonTypeInfo<T> type)
    {
        byte[] body = JsonSerializer.SerializeToUtf8Bytes(value, type);
        context.Response.ContentType = MediaTypes.Json;
        context.Response.ContentLength = body.Length;
        return context.Response.Body.WriteAsync(body, context.RequestAborted).AsTask();
    }
}
