using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using PocketSam.Server.Api;
using PocketSam.Server.Page;

namespace PocketSam.Server.Endpoints;

/// <summary>Maps the files of the pages and the sample pictures, all embedded in this assembly.</summary>
internal static class PageRoutes
{
    /// <summary>Folder of the pages in this assembly.</summary>
    public const string Folder = "wwwroot";

    private const string Index = "index.html";

    /// <summary>The labelling page; another package maps its operations.</summary>
    private const string Label = "label.html";
    private const string LabelPath = "label";
    private const string IndexOfFolder = $"/{Index}";
    private const string SamplesPath = "api/v1/samples";

    public static void Map(RouteGroupBuilder group)
    {
        foreach (EmbeddedFile file in EmbeddedFile.AllOf(Folder))
        {
            MapFile(file.Path, file.SendAsync, Operations.Page);
            if (file.Path == Index)
                MapFile("", context => SendIndexAsync(context, file), Operations.Page);
            if (file.Path == Label)
                MapFile(LabelPath, context => SendLabelAsync(context, file), Operations.Page);
            else if (file.Path.EndsWith(IndexOfFolder, StringComparison.Ordinal))
                MapFile(file.Path[..^IndexOfFolder.Length], context => SendIndexAsync(context, file), Operations.Page);
        }

        IReadOnlyList<EmbeddedFile> samples = EmbeddedFile.AllOf("samples");
        SampleDocument[] list = [.. samples.Select(file => new SampleDocument(file.Path, $"{SamplesPath}/{file.Path}"))];
        group.MapGet(SamplesPath, (HttpContext context, CancellationToken _) => JsonBody.WriteAsync(
                context, list, JsonBody.Types.IReadOnlyListSampleDocument))
            .WithMetadata(new Access(Operations.Samples, AccessKind.Api))
            .WithSummary("Lists pictures to try the service with")
            .Produces<IReadOnlyList<SampleDocument>>();
        foreach (EmbeddedFile file in samples)
            MapFile($"{SamplesPath}/{file.Path}", file.SendAsync, Operations.Sample);

        void MapFile(string path, RequestDelegate send, string operation)
            => group.MapMethods(path, [HttpMethods.Get, HttpMethods.Head], send)
                .WithMetadata(new Access(operation, AccessKind.Page));
    }

    /// <summary>Sends a page whose relative addresses require that its own address ends with a slash.</summary>
    private static Task SendIndexAsync(HttpContext context, EmbeddedFile index)
    {
        if (context.Request.Path.Value is not { } path || path.EndsWith('/'))
            return index.SendAsync(context);
        context.Response.Redirect($"{context.Request.PathBase}{path}/", permanent: false, preserveMethod: true);
        return Task.CompletedTask;
    }

    /// <summary>Sends a page whose relative addresses require that its own address ends without a slash.</summary>
    private static Task SendLabelAsync(HttpContext context, EmbeddedFile page)
    {
        if (context.Request.Path.Value is not { } path || !path.EndsWith('/'))
            return page.SendAsync(context);
        context.Response.Redirect($"{context.Request.PathBase}{path.TrimEnd('/')}", permanent: false, preserveMethod: true);
        return Task.CompletedTask;
    }
}
