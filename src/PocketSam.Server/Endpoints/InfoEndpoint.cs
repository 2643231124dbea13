using System.Reflection;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using PocketSam.Imaging;
using PocketSam.Server.Api;
using PocketSam.Server.Decoding;
using PocketSam.Server.Images;
using PocketSam.Server.Page;

namespace PocketSam.Server.Endpoints;

/// <summary>Describes the service's model and limits.</summary>
internal sealed class InfoEndpoint(PocketSamModel model, DecoderOffer decoder, TextOffer text, IOptions<PocketSamOptions> options)
{
    /// <summary>Path of ONNX Runtime for the page; builds made with 'make web' contain it.</summary>
    private const string Runtime = "vendor/onnxruntime-web/ort.wasm.bundle.min.mjs";

    private static readonly string Version = typeof(InfoEndpoint).Assembly
        .GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    public Task GetAsync(HttpContext context)
    {
        PocketSamOptions limits = options.Value;
        Sam sam = model.Current;

        // Only the file name, so that paths of this machine are not exposed.
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
            decoder.File is { } file ? Describe(sam, file) : null,
            text.GrounderOf(sam) is { } grounder ? Describe(grounder) : null);
        return JsonBody.WriteAsync(context, info, JsonBody.Types.InfoDocument);
    }

    private static InfoDocument.Understanding Describe(ITextGrounder grounder) => new(
        grounder.Words?.Select(word => new InfoDocument.Word(
            word.Name, word.Synonyms, word.Masks, word.Pictures, word.Pointing, word.Found, word.MeanIou)).ToArray());

    private static InfoDocument.DecodingOffer Describe(Sam sam, DecoderFile file) => new(
        file.Tag, [1, file.Channels, file.Side, file.Side], sam.Config.Encoder.SideMultiple,
        sam.Config.FirstMask == FirstMask.Single ? "single" : "multi",
        EmbeddedFile.Exists(PageRoutes.Folder, Runtime) ? Runtime : null);
}
