using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace PocketSam.Server.Api;

/// <summary>Reads and writes JSON with the service's own rules, whatever those of the host are.</summary>
internal static class JsonBody
{
    /// <summary>
    /// The types of requests and answers. Run-length strings are full of characters that are escaped for HTML's sake only.
    /// </summary>
    public static ApiJson Types { get; } = new(new JsonSerializerOptions(ApiJson.Default.Options)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });

    /// <summary>Reads the request's body.</summary>
    /// <exception cref="ApiException">It is no JSON by its type.</exception>
    /// <exception cref="JsonException">It is not the JSON that is documented.</exception>
    public static async Task<T> ReadAsync<T>(HttpContext context, JsonTypeInfo<T> type, long maxBytes) where T : class
    {
        if (!context.Request.HasJsonContentType())
            throw new ApiException(415, "not_json", $"the body must be {MediaTypes.Json}");

        // What is too long is left to be read after the answer: the server's own limit would cut the connection before.
        if (context.Request.ContentLength > maxBytes)
            throw new ApiException(413, "body_too_large", $"the body is larger than {maxBytes} bytes");
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            limit.MaxRequestBodySize = maxBytes;
        return await JsonSerializer.DeserializeAsync(context.Request.Body, type, context.RequestAborted)
            ?? throw new JsonException("null");
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
