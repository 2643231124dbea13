using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using PocketSam.Server.Api;
using PocketSam.Server.Jobs;
using PocketSam.Server.Metrics;
using PocketSam.Server.OpenApi;

namespace PocketSam.Server.Endpoints;

/// <summary>Maps the service's operations, with their descriptions for the OpenAPI document.</summary>
internal static class ApiRoutes
{
    private const string Images = "api/v1/images";
    private const string Image = $"{Images}/{{id}}";

    public static void Map(RouteGroupBuilder group, IServiceProvider services)
    {
        MapImages(group, services.GetRequiredService<ImageEndpoints>());
        MapDecoding(group, services.GetRequiredService<DecodingEndpoints>());
        MapMasks(group, services);

        var info = services.GetRequiredService<InfoEndpoint>();
        group.MapGet("api/v1/info", (HttpContext context, CancellationToken _) => info.GetAsync(context))
            .WithMetadata(Api(Operations.Info))
            .WithSummary("Says which model and which limits the service has")
            .Produces<InfoDocument>().Refuses(401);
        var metrics = services.GetRequiredService<PrometheusExporter>();
        group.MapGet("metrics", (HttpContext context, CancellationToken _) =>
            {
                context.Response.ContentType = PrometheusExporter.ContentType;
                return metrics.WriteAsync(context.Response.Body, context.RequestAborted);
            })
            .WithMetadata(Api(Operations.Metrics))
            .WithSummary("Counts what the service does, for Prometheus")
            .Produces<string>(contentType: "text/plain").Refuses(401);
        group.MapGet("healthz", (HttpContext context, CancellationToken _) => JsonBody.WriteAsync(
                context, new HealthDocument("ok"), JsonBody.Types.HealthDocument))
            .WithMetadata(new Access(Operations.Health, AccessKind.Health))
            .WithSummary("Says that the service works")
            .Produces<HealthDocument>();
        var drain = services.GetRequiredService<Drain>();
        group.MapGet("readyz", (HttpContext context, CancellationToken _) =>
            {
                if (!drain.IsReady)
                    context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
                string status = drain.IsReady ? "ready" : drain.IsDraining ? "stopping" : "starting";
                return JsonBody.WriteAsync(context, new HealthDocument(status), JsonBody.Types.HealthDocument);
            })
            .WithMetadata(new Access(Operations.Readiness, AccessKind.Health))
            .WithSummary("Says that the service takes requests: 503 while it starts and when it is about to stop")
            .Produces<HealthDocument>().Produces<HealthDocument>(StatusCodes.Status503ServiceUnavailable);
        group.MapGet("openapi/v1.json", (HttpContext context, CancellationToken _) => ApiDescription.WriteAsync(context))
            .WithMetadata(Api(Operations.Description))
            .ExcludeFromDescription();
    }

    private static void MapImages(RouteGroupBuilder group, ImageEndpoints images)
    {
        group.MapPost(Images, (HttpContext context, CancellationToken _) => images.UploadAsync(context))
            .WithMetadata(Api(Operations.Upload, atOnce: 16))
            .WithSummary("Uploads a picture: the body is the bytes of a JPEG, PNG, WebP, TIFF, GIF, BMP or ICO file")
            .Accepts<Stream>(MediaTypes.Bytes, "image/jpeg", "image/png", "image/webp", MediaTypes.Any)
            .Produces<ImageDocument>(StatusCodes.Status202Accepted).Refuses(401, 408, 413, 422, 429);
        group.MapGet(Image, (HttpContext context, string id) => images.GetAsync(context, id))
            .WithMetadata(Api(Operations.Image))
            .WithSummary("Says how far a picture has come")
            .Produces<ImageDocument>().Refuses(401, 404);
        group.MapDelete(Image, (HttpContext context, string id) => images.DeleteAsync(context, id))
            .WithMetadata(Api(Operations.Delete))
            .WithSummary("Deletes a picture and stops whatever is done for it")
            .Produces(StatusCodes.Status204NoContent).Refuses(401, 404);
        group.MapGet($"{Image}/events", (HttpContext context, string id) => images.WatchAsync(context, id))
            .WithMetadata(Api(Operations.Events))
            .WithSummary("Tells of every change until the picture is encoded")
            .WithDescription(
                "Events: state, with the picture; progress, with the fraction of the encoding that is done; error, with a "
                + "problem. A picture that nobody watches any more before it is encoded is given up.")
            .Produces<ImageDocument>(contentType: MediaTypes.EventStream).Refuses(401, 404);
    }

    private static void MapDecoding(RouteGroupBuilder group, DecodingEndpoints decoding)
    {
        group.MapGet($"{Image}/embedding", (HttpContext context, string id) => decoding.GetEmbeddingAsync(context, id))
            .WithMetadata(Api(Operations.Embedding, atOnce: 8))
            .WithSummary("Gives a picture's embedding to clients that decode it themselves")
            .WithDescription(
                $"A scale for each channel, single precision, then whole numbers of 16 bits, channels first, little endian. "
                + $"{DecodingEndpoints.ShapeHeader} has the shape and {DecodingEndpoints.DecoderHeader} the entity tag of the decoder that it is for.")
            .Produces<Stream>(contentType: MediaTypes.Bytes).Produces(StatusCodes.Status304NotModified).Refuses(401, 404, 409, 429);
        group.MapGet("api/v1/decoder.onnx", (HttpContext context, CancellationToken _) => decoding.GetDecoderAsync(context))
            .WithMetadata(Api(Operations.Decoder, atOnce: 8))
            .WithSummary("Gives the model's prompt encoder and mask decoder as ONNX")
            .WithDescription(
                "segment-anything's inputs and results without orig_im_size and masks: it ends at logits of a quarter of the input.")
            .Produces<Stream>(contentType: MediaTypes.Bytes).Produces(StatusCodes.Status304NotModified).Refuses(401, 404, 429);
    }

    private static void MapMasks(RouteGroupBuilder group, IServiceProvider services)
    {
        var predict = services.GetRequiredService<PredictEndpoint>();
        group.MapPost($"{Image}/predict", (HttpContext context, string id) => predict.PredictAsync(context, id))
            .WithMetadata(Api(Operations.Predict, atOnce: 64))
            .WithSummary("Finds the objects that points, boxes and masks mean")
            .Accepts<PredictRequest>(MediaTypes.Json, MediaTypes.Any)
            .Produces<PredictResponse>().Refuses(400, 401, 404, 408, 409, 413, 415, 422, 429);
        var everything = services.GetRequiredService<EverythingEndpoint>();
        group.MapPost($"{Image}/everything", (HttpContext context, string id) => everything.FindAsync(context, id))
            .WithMetadata(Api(Operations.Everything, atOnce: 4))
            .WithSummary("Finds all masks; closing the connection cancels it")
            .WithDescription(
                "Events: progress, with done and total; mask, with a mask as rle and png; done, with the count; error, with a "
                + "problem.")
            .Accepts<EverythingRequest>(isOptional: true, MediaTypes.Json, MediaTypes.Any)
            .Produces<MaskDocument>(contentType: MediaTypes.EventStream).Refuses(400, 401, 404, 408, 409, 413, 415, 422, 429);
        var find = services.GetRequiredService<FindEndpoint>();
        group.MapPost($"{Image}/find", (HttpContext context, string id) => find.FindAsync(context, id))
            .WithMetadata(Api(Operations.Find, atOnce: 4))
            .WithSummary("Finds what words mean, or says that nothing was found; closing the connection cancels it")
            .WithDescription(
                "Events: progress, with the fraction that is done; mask, with the phrase that it answers, its score and the mask as rle "
                + "and png; done, with the count, 0 where nothing was found, and the phrases of which nothing was; error, with a problem. "
                + "info lists the words that are known, unless any are: others are refused with status 400 and the list.")
            .Accepts<FindRequest>(MediaTypes.Json, MediaTypes.Any)
            .Produces<FoundMaskDocument>(contentType: MediaTypes.EventStream).Refuses(400, 401, 404, 408, 409, 413, 415, 422, 429);
        var export = services.GetRequiredService<ExportEndpoint>();
        group.MapPost($"{Image}/export", (HttpContext context, string id) => export.ExportAsync(context, id))
            .WithMetadata(Api(Operations.Export, atOnce: 8))
            .WithSummary("Makes a file of masks")
            .Accepts<ExportRequest>(MediaTypes.Json, MediaTypes.Any)
            .Produces<Stream>(contentType: MediaTypes.Bytes).Refuses(400, 401, 404, 408, 413, 415, 422, 429);
    }

    private static Access Api(string operation, int atOnce = int.MaxValue) => new(operation, AccessKind.Api, atOnce);
}
