namespace PocketSam.Server.Guarding;

/// <summary>What an endpoint is called and who may ask for it.</summary>
/// <param name="Operation">Its name in metrics, logs and the OpenAPI document.</param>
/// <param name="Kind">Who may ask.</param>
internal sealed record Access(string Operation, AccessKind Kind);
