using Microsoft.AspNetCore.Http;

namespace PocketSam.Server.Api;

/// <summary>
/// Endpoint metadata: the operation's name and who may call it. Every endpoint of the service has it.
/// </summary>
/// <param name="Operation">Its name in metrics, logs and the OpenAPI document.</param>
/// <param name="Kind">Who may call it.</param>
/// <param name="AtOnce">Number of concurrent requests that one client may have.</param>
internal sealed record Access(string Operation, AccessKind Kind, int AtOnce = int.MaxValue)
{
    /// <summary>The metadata of the endpoint that a request is routed to.</summary>
    public static Access Of(HttpContext context) => context.GetEndpoint()!.Metadata.GetRequiredMetadata<Access>();
}
