using System.Reflection;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using PocketSam.Imaging;
using PocketSam.Server.Api;

namespace PocketSam.Server.Endpoints;

/// <summary>Says what the service is.</summary>
internal sealed class InfoEndpoint(Sam sam, IOptions<PocketSamOptions> options)
{
    private static readonly string Version = typeof(InfoEndpoint).Assembly
        .GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    public Task GetAsync(HttpContext context)
    {
        PocketSamOptions limits = options.Value;

        // Paths of this machine are nobody's business.
        var info = new InfoDocument(
            Path.GetFileName(sam.Name),
            sam.Fingerprint,
            limits.ImageSize ?? sam.Config.ImageSize,
            new InfoDocument.RequestLimits(
                limits.MaxUploadBytes, limits.MaxPixels, limits.MaxPrompts, limits.MaxObjects, limits.MaxExportObjects,
                limits.MaxObjectPixels, limits.MaxPointsPerSide, limits.MaxExportCorners, limits.MaxExportPixels,
                limits.MaxExportPhotoPixels),
            PictureFormats.All.Names,
            Version);
        return JsonBody.WriteAsync(context, info, JsonBody.Types.InfoDocument);
    }
}
