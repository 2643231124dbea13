using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace PocketSam.Server.Api;

/// <summary>Reads and writes JSON with the service's own rules, whatever those of the host are.</summary>
internal static class JsonBody
{
    /// <summary>Longer documents take turns.</summary>
    private const int LargeBytes = 64 << 10;

    /// <summary>
    /// The types of requests and answers. Run-length strings are full of characters that are escaped for HTML's sake only.
    /// </summary>
    public static ApiJson Types { get; } = new(new JsonSerializerOptions(ApiJson.Default.Options)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });

    /// <summary>Reads the request's body.</summary>
    /// <param name="context">The request.</param>
    /// <param name="type">What the body says.</param>
    /// <param name="maxBytes">More is refused; at most <see cref="RequestBodies.MaxDocumentBytes"/>.</param>
    /// <exception cref="ApiException">It is no JSON by its type, too long, too slow, or too much is being received.</exception>
    /// <exception cref="JsonException">It is not the JSON that is documented.</exception>
    public static async Task<T> ReadAsync<T>(HttpContext context, JsonTypeInfo<T> type, int maxBytes) where T : class
    {
        if (!context.Request.HasJsonContentType())
            throw new ApiException(415, "not_json", $"the body must be {MediaTypes.Json}");
        var bodies = context.RequestServices.GetRequiredService<RequestBodies>();
        using RequestBody body = await bodies.ReadAsync(context, maxBytes, "body_too_large");
        using IDisposable? reading = body.Length > LargeBytes ? await bodies.ReserveDocumentAsync(context, body.Length) : null;
        return JsonSerializer.Deserialize(body.Bytes, type) ?? throw new JsonException("null");
    }

    /// <summary>Writes the answer.</summary>
    public static Task WriteAsync<T>(HttpContext context, T value, JsonTypeInfo<T> type)
    {
        byte[] body = JsonSerializer.SerializeToUtf8Bytes(value, type);
        context.Response.ContentType = MediaTypes.Json;
        context.Response.ContentLength = body.Length;
        return context.Response.Body.WriteAsync(body, context.RequestAborted).AsTask();
    }
}
