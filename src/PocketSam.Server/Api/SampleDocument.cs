namespace PocketSam.Server.Api;

/// <summary>A sample picture for trying the service.</summary>
/// <param name="Name">Its file name.</param>
/// <param name="Url">Its path, relative to the service.</param>
internal sealed record SampleDocument(string Name, string Url);
