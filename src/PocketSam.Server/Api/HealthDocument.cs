namespace PocketSam.Server.Api;

/// <summary>Whether the service works.</summary>
/// <param name="Status"><c>ok</c>; of readiness <c>ready</c>, <c>starting</c> or <c>stopping</c>.</param>
internal sealed record HealthDocument(string Status);
