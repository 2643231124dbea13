using System.Reflection;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using PocketSam.Imaging;
using PocketSam.Server.Api;
using PocketSam.Server.Exports;
using PocketSam.Server.Page;

namespace PocketSam.Server.Endpoints;

/// <summary>Says what the service is.</summary>
internal sealed class InfoEndpoint(Sam sam, DecoderExport decoder, IOptions<PocketSamOptions> options)
{
    /// <summary>What the page runs the decoder with; 'make web' puts it there.</summary>
    private const string Runtime = "wwwroot/vendor/onnxruntime-web/ort.wasm.min.mjs";

    private static readonly string Version = typeof(InfoEndpoint).Assembly
        .GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    public async Task GetAsync(HttpContext context)
    {
        PocketSamOptions limits = options.Value;
        bool canDecode = await decoder.GetAsync(context.RequestAborted) is not null;

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
            Version,
            canDecode
                ? new InfoDocument.ClientDecoder(
                    decoder.EmbeddingBytes, sam.Config.FirstMask == FirstMask.Single ? "single" : "multi", EmbeddedFile.Exists(Runtime))
                : null);
        await JsonBody.WriteAsync(context, info, JsonBody.Types.InfoDocument);
    }
}
