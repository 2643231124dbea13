using Microsoft.AspNetCore.Http;

namespace PocketSam.Labelling.Api;

/// <summary>Who asks, from which tab of a browser.</summary>
/// <param name="Name">What people call themselves.</param>
/// <param name="Tab">Tells tabs apart; may be empty.</param>
internal sealed record Labeller(string Name, string Tab)
{
    public const string NameHeader = "X-Labeller";
    public const string TabHeader = "X-Tab";
    private const int MaxName = 100;
    private const int MaxTab = 64;
    private const string Nobody = "someone";

    /// <summary>Who sent a request; names are percent-encoded, as headers hold ASCII alone.</summary>
    public static Labeller Of(HttpContext context)
    {
        string name = Words.Clean(Uri.UnescapeDataString(context.Request.Headers[NameHeader].ToString()), MaxName);
        string tab = Words.Clean(context.Request.Headers[TabHeader].ToString(), MaxTab);
        return new Labeller(name.Length == 0 ? Nobody : name, tab);
    }
}
