using Microsoft.AspNetCore.Http;

namespace PocketSam.Server.Api;

/// <summary>What an endpoint is called and who may call it; each of the service's endpoints has it as metadata.</summary>
/// <param name="Operation">Its name in metrics, logs and the OpenAPI document.</param>
/// <param name="Kind">Who may call it.</param>
/// <param name="AtOnce">How many requests for it a client may have at a time.</param>
internal sealed record Access(string Operation, AccessKind Kind, int AtOnce = int.MaxValue)
{
    /// <summary>That of the endpoint that a request was routed to.</summary>
    public static Access Of(HttpContext context) => context.GetEndpoint()!.Metadata.GetRequiredMetadata<Access>();
}
