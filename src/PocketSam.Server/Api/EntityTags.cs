using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace PocketSam.Server.Api;

/// <summary>Conditional requests by entity tag.</summary>
internal static class EntityTags
{
    /// <summary>
    /// Sets the response's entity tag. If the client has that version, sets status 304 and returns true.
    /// </summary>
    public static bool Confirm(HttpContext context, string tag)
    {
        var entity = new EntityTagHeaderValue(tag);
        context.Response.GetTypedHeaders().ETag = entity;
        if (!context.Request.GetTypedHeaders().IfNoneMatch.Any(known => known.Compare(entity, useStrongComparison: false)))
            return false;
        context.Response.StatusCode = StatusCodes.Status304NotModified;
        return true;
    }
}
