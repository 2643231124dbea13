namespace PocketSam.Server.Api;

/// <summary>
/// Request feature that carries the status of a request that ended in an error, since its response may have begun with
/// another status.
/// </summary>
/// <param name="Status">The HTTP status to report.</param>
internal sealed record RequestOutcome(int Status);
