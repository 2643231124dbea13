namespace PocketSam.Server.Api;

/// <summary>Whether the service works.</summary>
/// <param name="Status"><c>ok</c>.</param>
internal sealed record HealthDocument(string Status);
