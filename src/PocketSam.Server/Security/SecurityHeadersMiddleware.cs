using Microsoft.AspNetCore.Http;
using PocketSam.Server.Api;

namespace PocketSam.Server.Security;

/// <summary>Sets the security headers for browsers.</summary>
internal sealed class SecurityHeadersMiddleware : IMiddleware
{
    private const string Sources = "default-src 'self'; ", Rest =
        "img-src 'self' blob: data:; object-src 'none'; base-uri 'none'; form-action 'none'; "
        + "frame-ancestors 'none'";

    /// <summary>Policy of the page, which decodes masks with WebAssembly in a worker.</summary>
    private const string PagePolicy = $"{Sources}script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; {Rest}";

    public Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        IHeaderDictionary headers = context.Response.Headers;
        bool isPage = Access.Of(context).Kind == AccessKind.Page;
        headers.ContentSecurityPolicy = isPage ? PagePolicy : $"{Sources}{Rest}";
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers.CacheControl = isPage ? "no-cache" : "no-store";
        return next(context);
    }
}
