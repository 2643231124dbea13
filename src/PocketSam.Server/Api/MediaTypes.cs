namespace PocketSam.Server.Api;

/// <summary>Media types of request and response bodies.</summary>
internal static class MediaTypes
{
    public const string Json = "application/json";
    public const string Problem = "application/problem+json";
    public const string EventStream = "text/event-stream";
    public const string Bytes = "application/octet-stream";

    /// <summary>
    /// Accepted by routing for all bodies. Endpoints check the types themselves, since routing would refuse without a
    /// problem document and would refuse curl's default type.
    /// </summary>
    public const string Any = "*/*";
}
