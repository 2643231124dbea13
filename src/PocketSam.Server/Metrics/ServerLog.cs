using Microsoft.Extensions.Logging;

namespace PocketSam.Server.Metrics;

/// <summary>
/// Log messages of the service. They contain no names of pictures and no prompts, which are private, and only the
/// beginning of a picture's id, which is its only protection.
/// </summary>
internal static partial class ServerLog
{
    [LoggerMessage(1, LogLevel.Information, "{Operation} {Status} in {Milliseconds:0.0} ms")]
    public static partial void Answered(ILogger log, string operation, int status, double milliseconds);

    [LoggerMessage(2, LogLevel.Information, "{Operation} {Status} {Code}")]
    public static partial void Refused(ILogger log, string operation, int status, string code);

    [LoggerMessage(3, LogLevel.Error, "{Operation} failed")]
    public static partial void Failed(ILogger log, Exception error, string operation);

    [LoggerMessage(4, LogLevel.Information, "picture {Id} of {Width}x{Height} encoded in {Milliseconds:0.0} ms")]
    public static partial void Encoded(ILogger log, string id, int width, int height, double milliseconds);

    [LoggerMessage(5, LogLevel.Information, "picture {Id} is not wanted any more: not encoded")]
    public static partial void EncodeCancelled(ILogger log, string id);

    [LoggerMessage(6, LogLevel.Error, "picture {Id} could not be encoded")]
    public static partial void EncodeFailed(ILogger log, Exception error, string id);

    [LoggerMessage(7, LogLevel.Error, "the model fails on a blank picture")]
    public static partial void WarmUpFailed(ILogger log, Exception error);

    [LoggerMessage(8, LogLevel.Error, "what the replicas share cannot be reached or used")]
    public static partial void StoreFailed(ILogger log, Exception error);

    [LoggerMessage(9, LogLevel.Information, "picture {Id} taken over from another replica")]
    public static partial void Adopted(ILogger log, string id);

    [LoggerMessage(10, LogLevel.Warning, "requests were still running after {Seconds:0.0} s; they are ended")]
    public static partial void DrainedInPart(ILogger log, double seconds);

    [LoggerMessage(11, LogLevel.Information, "the page asks the service for every mask, as the decoder is no graph: {Reason}")]
    public static partial void NoDecoder(ILogger log, string reason);
}
