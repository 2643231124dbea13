using System.Globalization;
using Microsoft.AspNetCore.Http;
using PocketSam.Labelling.Api;
using PocketSam.Labelling.Storage;

namespace PocketSam.Labelling.Endpoints;

/// <summary>What stands in the address of a request.</summary>
internal static class Asked
{
    private const int MaxSearch = 200;

    /// <summary>A number of the path.</summary>
    /// <exception cref="LabelException">It is none.</exception>
    public static long Number(HttpContext context, string name)
        => long.TryParse((string?)context.Request.RouteValues[name], NumberStyles.None, CultureInfo.InvariantCulture, out long number)
            ? number : throw new LabelException(404, "not_found", "there is nothing at this address");

    /// <summary>A number of the query; null where it is not there.</summary>
    /// <exception cref="LabelException">It is none, or out of its range.</exception>
    public static long? Query(HttpContext context, string name, long most = long.MaxValue)
    {
        string text = context.Request.Query[name].ToString();
        if (text.Length == 0)
            return null;
        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number) && number <= most
            ? number : throw LabelException.Invalid($"{name}: a whole number from 0 to {most} is expected");
    }

    /// <summary>By what the proposals that are meant were found: by the search in all pictures, where nothing is said.</summary>
    /// <exception cref="LabelException">There is no such source.</exception>
    public static string Source(HttpContext context)
    {
        string source = context.Request.Query["source"].ToString();
        if (source.Length == 0)
            return ProposalTable.Everything;
        return ProposalTable.Sources.Contains(source)
            ? source : throw LabelException.Invalid($"source: there are {string.Join(", ", ProposalTable.Sources)}");
    }

    /// <summary>Which pictures are meant.</summary>
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
