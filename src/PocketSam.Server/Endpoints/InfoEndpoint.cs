using System.Reflection;
using Microsoft.AspNetCore.Http;
using PocketSam.Imaging;
using PocketSam.Server.Api;

namespace PocketSam.Server.Endpoints;

/// <summary>Says what the service is.</summary>
internal sealed class InfoEndpoint(Sam sam, PocketSamOptions options)
{
    private static readonly string Version = typeof(InfoEndpoint).Assembly
        .GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    public Task GetAsync(HttpContext context)
    {
        // Paths of this machine are nobody's business.
        var info = new InfoDocument(
            Path.GetFileName(sam.Name),
            sam.Fingerprint,
            options.ImageSize ?? sam.Config.ImageSize,
            new InfoDocument.RequestLimits(
                options.MaxUploadBytes, options.MaxPixels, options.MaxPrompts, options.MaxObjects, options.MaxExportObjects),
            PictureFormats.All.Names,
            Version);
        return JsonBody.WriteAsync(context, info, JsonBody.Types.InfoDocument);
    }
}
