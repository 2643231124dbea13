namespace PocketSam.Server.Api;

/// <summary>Health of the service.</summary>
/// <param name="Status"><c>ok</c>; for readiness <c>ready</c>, <c>starting</c> or <c>stopping</c>.</param>
internal sealed record HealthDocument(string Status);
