namespace PocketSam.Server.Api;

/// <summary>Who may call an endpoint.</summary>
internal enum AccessKind
{
    /// <summary>Clients that have the key, if there is one.</summary>
    Api,

    /// <summary>Everybody: files of the page, which asks people for the key.</summary>
    Page,

    /// <summary>Everybody, as often as wanted: what watches over the service.</summary>
    Health,
}
