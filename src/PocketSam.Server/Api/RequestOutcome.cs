namespace PocketSam.Server.Api;

/// <summary>A feature of requests that ended in an error: its response may have been begun with another status.</summary>
/// <param name="Status">The status that counts.</param>
internal sealed record RequestOutcome(int Status);
