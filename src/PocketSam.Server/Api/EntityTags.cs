using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace PocketSam.Server.Api;

/// <summary>Answers that clients may have already.</summary>
internal static class EntityTags
{
    /// <summary>Names the version of what is answered. True where the client has it, which the answer then says.</summary>
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
