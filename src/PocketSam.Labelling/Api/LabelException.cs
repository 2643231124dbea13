using System.Text.Json;

namespace PocketSam.Labelling.Api;

/// <summary>A failure that is reported to the client as a problem (RFC 9457).</summary>
/// <param name="status">The HTTP status.</param>
/// <param name="code">The machine-readable code of the problem.</param>
/// <param name="detail">One sentence for people.</param>
/// <param name="extensions">Writes further members of the problem; null for none.</param>
/// <param name="inner">The cause; null for none.</param>
internal sealed class LabelException(
    int status, string code, string detail, Action<Utf8JsonWriter>? extensions = null, Exception? inner = null) : Exception(detail, inner)
{
    public int Status { get; } = status;

    public string Code { get; } = code;

    public Action<Utf8JsonWriter>? Extensions { get; } = extensions;

    public static LabelException Invalid(string detail) => new(422, "invalid_request", detail);

    public static LabelException NoPicture(long id) => new(404, "picture_unknown", $"the project has no picture {id}");

    public static LabelException NoClass(long id) => new(404, "class_unknown", $"the project has no class {id}");

    public static LabelException Unavailable(string detail, Exception? inner = null)
        => new(503, "database_unavailable", detail, inner: inner);
}
