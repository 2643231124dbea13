namespace PocketSam.Benchmarks.Load;

/// <summary>A picture that the service holds.</summary>
internal sealed record ServedPicture(string Id, int Width, int Height);
