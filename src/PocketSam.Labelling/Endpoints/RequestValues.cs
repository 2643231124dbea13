using System.Globalization;
using Microsoft.AspNetCore.Http;
using PocketSam.Labelling.Api;
using PocketSam.Labelling.Storage;

namespace PocketSam.Labelling.Endpoints;

/// <summary>Reads values from the path and query of a request.</summary>
internal static class RequestValues
{
    private const int MaxSearch = 200;

    /// <summary>A whole number of the path, at least 0.</summary>
    /// <exception cref="LabelException">It is not a whole number.</exception>
    public static long Number(HttpContext context, string name)
        => long.TryParse((string?)context.Request.RouteValues[name], NumberStyles.None, CultureInfo.InvariantCulture, out long number)
            ? number : throw new LabelException(404, "not_found", "there is nothing at this address");

    /// <summary>A whole number of the query, 0 to <paramref name="most"/>; null if it is missing.</summary>
    /// <exception cref="LabelException">It is not a whole number, or out of range.</exception>
    public static long? Query(HttpContext context, string name, long most = long.MaxValue)
    {
        string text = context.Request.Query[name].ToString();
        if (text.Length == 0)
            return null;
        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number) && number <= most
            ? number : throw LabelException.Invalid($"{name}: a whole number from 0 to {most} is expected");
    }

    /// <summary>
    /// The source of the requested proposals; <see cref="ProposalTable.Everything"/> if it is missing.
    /// </summary>
    /// <exception cref="LabelException">There is no such source.</exception>
    public static string Source(HttpContext context)
    {
        string source = context.Request.Query["source"].ToString();
        if (source.Length == 0)
            return ProposalTable.Everything;
        return ProposalTable.Sources.Contains(source)
            ? source : throw LabelException.Invalid($"source: there are {string.Join(", ", ProposalTable.Sources)}");
    }

    /// <summary>The filter of the list of pictures.</summary>
    /// <exception cref="LabelException">A value is invalid.</exception>
    public static PictureFilter Filter(HttpContext context)
    {
        string state = context.Request.Query["state"].ToString();
        if (state is not ("" or "todo" or "done" or "checked" or "rejected"))
            throw LabelException.Invalid("state: there are todo, done, checked and rejected");
        string search = context.Request.Query["search"].ToString();
        return new PictureFilter(
            state.Length == 0 ? null : state, Words.Require(search, "search", MaxSearch), Query(context, "class"));
    }
}
