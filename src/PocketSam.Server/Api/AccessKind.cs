namespace PocketSam.Server.Api;

/// <summary>Who may call an endpoint.</summary>
internal enum AccessKind
{
    /// <summary>Clients with the key, if the service has one.</summary>
    Api,

    /// <summary>Everybody: files of the page, which itself asks the user for the key.</summary>
    Page,

    /// <summary>Everybody, without a rate limit: health checks.</summary>
    Health,
}
