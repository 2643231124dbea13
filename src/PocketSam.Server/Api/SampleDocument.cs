namespace PocketSam.Server.Api;

/// <summary>A picture to try the service with.</summary>
/// <param name="Name">Its file name.</param>
/// <param name="Url">Where it is, from the address of the service.</param>
internal sealed record SampleDocument(string Name, string Url);
