namespace PocketSam.Server.Api;

/// <summary>The types of bodies that the service names.</summary>
internal static class MediaTypes
{
    public const string Json = "application/json";
    public const string Problem = "application/problem+json";
    public const string EventStream = "text/event-stream";
    public const string Bytes = "application/octet-stream";

    /// <summary>
    /// What routing is told to accept: endpoints check types themselves, as routing would answer without a problem and
    /// refuse curl's own type.
    /// </summary>
    public const string Any = "*/*";
}
