namespace PocketSam.Server.Api;

/// <summary>Ends a request with a problem as the response.</summary>
/// <param name="status">The HTTP status.</param>
/// <param name="code">A short identifier for programs.</param>
/// <param name="detail">One sentence for people.</param>
/// <param name="retryAfter">When to try again; null if that does not help.</param>
internal sealed class ApiException(int status, string code, string detail, TimeSpan? retryAfter = null) : Exception(detail)
{
    public int Status { get; } = status;

    public string Code { get; } = code;

    public TimeSpan? RetryAfter { get; } = retryAfter;

    public static ApiException ImageUnknown()
        => new(404, "image_unknown", "there is no picture of that id: it was deleted, not used for long, or the service restarted");

    public static ApiException ImageTooLarge(string detail) => new(413, "image_too_large", detail);

    public static ApiException InvalidPrompt(string detail) => new(422, "invalid_prompt", detail);

    public static ApiException Internal() => new(500, "internal_error", "the service failed; its log says why");

    public static ApiException Busy(string what)
        => new(429, "busy", $"too many requests wait for {what}", TimeSpan.FromSeconds(1));
}
