using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;
using PocketSam.Server.Api;
using PocketSam.Server.Jobs;
using PocketSam.Server.Metrics;

namespace PocketSam.Server.Endpoints;

/// <summary>Finds all masks of a picture and sends them as events.</summary>
internal sealed class EverythingEndpoint(MaskSearch searches, IOptions<PocketSamOptions> options, ServerMetrics metrics)
{
    private const int MaxBodyBytes = 64 << 10;

    public async Task FindAsync(HttpContext context, string id)
    {
        bool hasBody = context.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody ?? true;
        EverythingRequest request = !hasBody || context.Request.ContentLength is 0
            ? new EverythingRequest()
            : await JsonBody.ReadAsync(context, JsonBody.Types.EverythingRequest, MaxBodyBytes);
        await searches.AnswerAsync(context, id, new MaskSearch.Search<EverythingProgress, GeneratedMask>(
            Operations.Everything, metrics.Everything, JsonBody.Types.EverythingProgress,
            photo =>
            {
                var generator = new MaskGenerator(photo.Model, Options(photo.Model.Config, request));
                return (embedding, progress, cancellation) => generator.Generate(photo.Pixels, embedding, new Points(progress), cancellation);
            },
            SendAsync));
    }

    private static async Task SendAsync(EventStream events, IReadOnlyList<GeneratedMask> masks, double milliseconds)
    {
        foreach (GeneratedMask mask in masks)
            await events.SendAsync("mask", MaskSearch.Describe(mask), JsonBody.Types.MaskDocument);
        await events.SendAsync("done", new EverythingEnd(masks.Count, milliseconds), JsonBody.Types.EverythingEnd);
    }

    private MaskGeneratorOptions Options(SamConfig config, EverythingRequest request)
    {
        MaskGeneratorOptions byDefault = MaskGeneratorOptions.For(config);
        if (request.PointsPerSide > options.Value.MaxPointsPerSide)
            throw Invalid($"points_per_side is {request.PointsPerSide}: at most {options.Value.MaxPointsPerSide} are asked for");
        MaskGeneratorOptions requested = byDefault with
        {
            MemoryBudget = SearchMemory.Budget,
            Mode = request.Mode switch
            {
                null => byDefault.Mode,
                "hierarchical" => MaskGeneratorMode.Hierarchical,
                "dense" => MaskGeneratorMode.Dense,
                _ => throw Invalid($"mode '{request.Mode}': there are hierarchical and dense"),
            },
            PointsPerSide = request.PointsPerSide ?? byDefault.PointsPerSide,
            PredIouThresh = request.PredIouThresh ?? byDefault.PredIouThresh,
            StabilityScoreThresh = request.StabilityScoreThresh ?? byDefault.StabilityScoreThresh,
            MinMaskRegionArea = request.MinArea ?? byDefault.MinMaskRegionArea,
            MinMaskRegionShare = request.MinRegion ?? byDefault.MinMaskRegionShare,
        };
        try
        {
            requested.Validate();
            return requested;
        }
        catch (ArgumentException e)
        {
            throw Invalid(e.Message);
        }
    }

    private static ApiException Invalid(string detail) => new(422, "invalid_options", detail);

    private sealed class Points(IProgress<EverythingProgress> progress) : IProgress<MaskGeneratorProgress>
    {
        public void Report(MaskGeneratorProgress value) => progress.Report(new EverythingProgress(value.PointsDone, value.Points));
    }
}
