using Microsoft.AspNetCore.Http;
using PocketSam.Labelling.Api;
using PocketSam.Labelling.Jobs;

namespace PocketSam.Labelling.Endpoints;

/// <summary>Endpoints for background jobs.</summary>
internal sealed class JobEndpoints(
    LabelJobs jobs, ProposalJob proposals, SimilarJob similar, WordsJob words, ClassifyJob classify, ImproveJob improve)
{
    public Task ListAsync(HttpContext context)
        => LabelBody.WriteAsync(context, new JobsDocument(jobs.All), LabelJson.Types.JobsDocument);

    public Task CancelAsync(HttpContext context)
        => LabelBody.WriteAsync(context, jobs.Cancel((string)context.Request.RouteValues["id"]!), LabelJson.Types.JobDocument);

    public Task ProposeAsync(HttpContext context)
        => LabelBody.WriteAsync(context, proposals.Start(), LabelJson.Types.JobDocument);

    public Task ClassifyAsync(HttpContext context)
        => LabelBody.WriteAsync(context, classify.Start(), LabelJson.Types.JobDocument);

    public async Task FindSimilarAsync(HttpContext context)
    {
        SimilarRequest request = await LabelBody.ReadAsync(context, LabelJson.Types.SimilarRequest);
        await LabelBody.WriteAsync(context, await similar.StartAsync(request), LabelJson.Types.JobDocument);
    }

    public async Task FindWordsAsync(HttpContext context)
    {
        WordsRequest request = await LabelBody.ReadAsync(context, LabelJson.Types.WordsRequest);
        await LabelBody.WriteAsync(context, await words.StartAsync(request), LabelJson.Types.JobDocument);
    }

    public async Task ImproveAsync(HttpContext context)
    {
        ImproveRequest request = await LabelBody.ReadAsync(context, LabelJson.Types.ImproveRequest);
        await LabelBody.WriteAsync(context, await improve.StartAsync(request), LabelJson.Types.JobDocument);
    }

    public Task AcceptAsync(HttpContext context)
        => LabelBody.WriteAsync(context, improve.Accept(), LabelJson.Types.ModelDocument);

    public Task GoBackAsync(HttpContext context)
        => LabelBody.WriteAsync(context, improve.GoBack(), LabelJson.Types.ModelDocument);
}
