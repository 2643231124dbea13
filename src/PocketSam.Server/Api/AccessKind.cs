namespace PocketSam.Server.Guarding;

/// <summary>Who may ask for an endpoint.</summary>
internal enum AccessKind
{
    /// <summary>Whoever has the key, if there is one.</summary>
    Api,

    /// <summary>Everybody: files of the page, which asks for the key itself.</summary>
    Page,

    /// <summary>Everybody, as often as wanted: what watches over the service.</summary>
    Health,
}
