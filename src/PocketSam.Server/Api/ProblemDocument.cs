namespace PocketSam.Server.Api;

/// <summary>A problem (RFC 9457).</summary>
/// <param name="Type">Always <c>about:blank</c>; <paramref name="Code"/> distinguishes problems.</param>
/// <param name="Title">The status's reason phrase.</param>
/// <param name="Status">The HTTP status.</param>
/// <param name="Detail">One sentence for people.</param>
/// <param name="Code">A short identifier for programs.</param>
internal sealed record ProblemDocument(string Type, string Title, int Status, string Detail, string Code);
