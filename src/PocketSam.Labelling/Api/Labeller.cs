using Microsoft.AspNetCore.Http;

namespace PocketSam.Labelling.Api;

/// <summary>The person and the browser tab that a request comes from.</summary>
/// <param name="Name">The name that the person has chosen.</param>
/// <param name="Tab">Identifies the tab; may be empty.</param>
internal sealed record Labeller(string Name, string Tab)
{
    public const string NameHeader = "X-Labeller";
    public const string TabHeader = "X-Tab";
    private const int MaxName = 100;
    private const int MaxTab = 64;
    private const string Nobody = "someone";

    /// <summary>
    /// The sender of a request. The name's header is percent-encoded, because headers hold ASCII only.
    /// </summary>
    public static Labeller Of(HttpContext context)
    {
        string name = Words.Clean(Uri.UnescapeDataString(context.Request.Headers[NameHeader].ToString()), MaxName);
        string tab = Words.Clean(context.Request.Headers[TabHeader].ToString(), MaxTab);
        return new Labeller(name.Length == 0 ? Nobody : name, tab);
    }
}
