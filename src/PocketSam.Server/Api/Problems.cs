using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using PocketSam.Imaging;
using PocketSam.Server.Jobs;

namespace PocketSam.Server.Api;

/// <summary>Converts exceptions to <see cref="ProblemDocument"/>.</summary>
internal static class Problems
{
    /// <summary>The problem that an exception is to the client; null for an internal error.</summary>
    public static ApiException? Explain(Exception error) => error switch
    {
        ApiException known => known,
        JobQueueFullException full => ApiException.Busy(full.Queue),
        PromptException prompt => ApiException.InvalidPrompt(prompt.Message),
        ImageFormatException image => new ApiException(422, "image_invalid", image.Message),
        JsonException json => new ApiException(400, "invalid_json", Describe(json)),
        BadHttpRequestException { StatusCode: 413 } => new ApiException(413, "body_too_large", "the request's body is too large"),
        BadHttpRequestException bad => new ApiException(bad.StatusCode, "bad_request", bad.Message),
        _ => null,
    };

    /// <summary>Writes a problem as the response.</summary>
    public static Task WriteAsync(HttpContext context, ApiException problem)
    {
        HttpResponse response = context.Response;
        response.StatusCode = problem.Status;
        response.ContentType = MediaTypes.Problem;
        if (problem.RetryAfter is { } wait)
            response.Headers.RetryAfter = Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds)).ToString();
        if (HttpMethods.IsHead(context.Request.Method))
            return Task.CompletedTask;
        byte[] body = JsonSerializer.SerializeToUtf8Bytes(ToDocument(problem), JsonBody.Types.ProblemDocument);
        response.ContentLength = body.Length;
        return response.Body.WriteAsync(body, context.RequestAborted).AsTask();
    }

    public static ProblemDocument ToDocument(ApiException problem) => new(
        "about:blank", ReasonPhrases.GetReasonPhrase(problem.Status), problem.Status, problem.Message, problem.Code);

    /// <summary>Says where the JSON is wrong. The serializer's own message would expose internal type names.</summary>
    private static string Describe(JsonException error)
    {
        const string Rle = "run-length encoding:";
        string place = error.Path is null or "$" ? "" : $" at {error.Path}";
        int end = error.Message.IndexOf(" Path:", StringComparison.Ordinal);
        return error.Message.StartsWith(Rle, StringComparison.Ordinal)
            ? $"{(end < 0 ? error.Message : error.Message[..end])}{place}"
            : $"the body is not the JSON that is documented{place}";
    }
}
