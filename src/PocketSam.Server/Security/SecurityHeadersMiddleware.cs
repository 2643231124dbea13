using Microsoft.AspNetCore.Http;
using PocketSam.Server.Api;

namespace PocketSam.Server.Security;

/// <summary>Sets the headers that browsers are to obey.</summary>
internal sealed class SecurityHeadersMiddleware : IMiddleware
{
    private const string ContentSecurityPolicy =
        "default-src 'self'; img-src 'self' blob: data:; object-src 'none'; base-uri 'none'; form-action 'none'; "
        + "frame-ancestors 'none'";

    public Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        IHeaderDictionary headers = context.Response.Headers;
        headers.ContentSecurityPolicy = ContentSecurityPolicy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers.CacheControl = Access.Of(context).Kind == AccessKind.Page ? "no-cache" : "no-store";
        return next(context);
    }
}
