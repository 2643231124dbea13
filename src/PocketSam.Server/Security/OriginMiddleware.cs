using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using PocketSam.Server.Api;

namespace PocketSam.Server.Security;

/// <summary>
/// Refuses requests that other sites make from a user's browser: the <c>Host</c> must name this service (against DNS
/// rebinding), and the request must not come from a page of another origin.
/// </summary>
internal sealed class OriginMiddleware(IOptions<PocketSamOptions> options) : IMiddleware
{
    private const string AnyHost = "*";

    private readonly HashSet<string> _hosts = new(options.Value.AllowedHosts, StringComparer.OrdinalIgnoreCase);

    /// <exception cref="ApiException">The host is not allowed, or the request comes from another origin.</exception>
    public Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        RejectOrigin(context, Access.Of(context).Kind);
        return next(context);
    }

    private static ApiException CrossOrigin()
        => new(403, "cross_origin", "requests of pages of other origins are not answered");

    private void RejectOrigin(HttpContext context, AccessKind kind)
    {
        HttpRequest request = context.Request;
        if (!IsAllowed(request.Host.Host, context.Connection.LocalIpAddress))
        {
            throw new ApiException(
                421, "host_unknown",
                $"'{request.Host.Host}' is not a name that {nameof(PocketSamOptions.AllowedHosts)} of this service allow");
        }

        if (request.Headers.Origin is [{ } origin] && !IsOwn(origin, request.Host))
            throw CrossOrigin();
        string? site = request.Headers["Sec-Fetch-Site"], mode = request.Headers["Sec-Fetch-Mode"];
        bool opensPage = kind == AccessKind.Page && mode == "navigate";
        if (site is "cross-site" or "same-site" && !opensPage)
            throw CrossOrigin();
    }

    private bool IsAllowed(string host, IPAddress? local)
    {
        if (_hosts.Count > 0)
            return _hosts.Contains(host) || _hosts.Contains(AnyHost);
        if (local is not null && !IsLoopback(local))
            return true;
        return host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
            || (IPAddress.TryParse(host, out IPAddress? address) && IsLoopback(address));
    }

    /// <summary>
    /// Whether an address is in 127.0.0.0/8, also mapped to IPv6 as dual-stack sockets report it, or is ::1.
    /// </summary>
    private static bool IsLoopback(IPAddress address)
        => IPAddress.IsLoopback(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address);

    /// <summary>Compares host and port; not the scheme, which the service does not know behind a proxy.</summary>
    private static bool IsOwn(string origin, HostString host)
        => Uri.TryCreate(origin, UriKind.Absolute, out Uri? uri)
            && uri.Host.Equals(host.Host, StringComparison.OrdinalIgnoreCase)
            && (host.Port is { } port ? uri.Port == port : uri.IsDefaultPort);
}
