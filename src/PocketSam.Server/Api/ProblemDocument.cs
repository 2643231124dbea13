namespace PocketSam.Server.Api;

/// <summary>What went wrong (RFC 9457).</summary>
/// <param name="Type">Always <c>about:blank</c>: <paramref name="Code"/> tells problems apart.</param>
/// <param name="Title">The status in words.</param>
/// <param name="Status">The HTTP status.</param>
/// <param name="Detail">One sentence for people.</param>
/// <param name="Code">A short word for programs.</param>
internal sealed record ProblemDocument(string Type, string Title, int Status, string Detail, string Code);
