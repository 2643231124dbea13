using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace PocketSam.Labelling.Api;

/// <summary>Reads bodies of requests and writes bodies of responses.</summary>
internal static class LabelBody
{
    private const int MaxBytes = 28 << 20;
    private const string Json = "application/json";

    /// <summary>Reads a JSON body of at most 28 MiB.</summary>
    /// <exception cref="LabelException">The body is not valid JSON of the type, or too long.</exception>
    public static async Task<T> ReadAsync<T>(HttpContext context, JsonTypeInfo<T> type) where T : class
    {
        if (!context.Request.HasJsonContentType())
            throw new LabelException(415, "not_json", $"the body must be {Json}");
        if (context.Request.ContentLength > MaxBytes)
            throw TooLong();
        using var body = new MemoryStream();
        byte[] buffer = ArrayPool<byte>.Shared.Rent(1 << 16);
        try
        {
            for (int read; (read = await context.Request.Body.ReadAsync(buffer, context.RequestAborted)) > 0;)
            {
                if (body.Length + read > MaxBytes)
                    throw TooLong();
                body.Write(buffer, 0, read);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        try
        {
            return JsonSerializer.Deserialize(body.GetBuffer().AsSpan(0, (int)body.Length), type) ?? throw new JsonException("null");
        }
        catch (JsonException e)
        {
            throw new LabelException(400, "invalid_json", Describe(e), inner: e);
        }
    }

    /// <summary>Writes a JSON response.</summary>
    public static Task WriteAsync<T>(HttpContext context, T value, JsonTypeInfo<T> type)
    {
        byte[] body = JsonSerializer.SerializeToUtf8Bytes(value, type);
        context.Response.ContentType = Json;
        context.Response.ContentLength = body.Length;
        return context.Response.Body.WriteAsync(body, context.RequestAborted).AsTask();
    }

    /// <summary>Writes a problem as response (RFC 9457).</summary>
    public static Task WriteProblemAsync(HttpContext context, LabelException problem)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteString("type"u8, "about:blank"u8);
            json.WriteString("title"u8, ReasonPhrases.GetReasonPhrase(problem.Status));
            json.WriteNumber("status"u8, problem.Status);
            json.WriteString("detail"u8, problem.Message);
            json.WriteString("code"u8, problem.Code);
            problem.Extensions?.Invoke(json);
            json.WriteEndObject();
        }

        context.Response.StatusCode = problem.Status;
        context.Response.ContentType = "application/problem+json";
        context.Response.ContentLength = buffer.WrittenCount;
        return context.Response.Body.WriteAsync(buffer.WrittenMemory, context.RequestAborted).AsTask();
    }

    private static LabelException TooLong() => new(413, "body_too_large", $"the request's body is larger than {MaxBytes} bytes");

    private static string Describe(JsonException error)
    {
        const string Rle = "run-length";
        string place = error.Path is null or "$" ? "" : $" at {error.Path}";
        int end = error.Message.IndexOf(" Path:", StringComparison.Ordinal);
        return error.Message.StartsWith(Rle, StringComparison.Ordinal)
            ? $"{(end < 0 ? error.Message : error.Message[..end])}{place}" : $"the body is not the JSON that is documented{place}";
    }
}
