namespace PocketSam.Server.Exports;

/// <summary>A file for the client.</summary>
/// <param name="Name">What it should be called.</param>
/// <param name="ContentType">What it is.</param>
/// <param name="Content">Its bytes.</param>
internal sealed record ExportFile(string Name, string ContentType, ReadOnlyMemory<byte> Content);
