using Microsoft.AspNetCore.Http;
using PocketSam.Labelling.Api;
using PocketSam.Labelling.Live;
using PocketSam.Labelling.Storage;

namespace PocketSam.Labelling.Endpoints;

/// <summary>
/// Endpoints for changes of pictures. Each change is one transaction, and on the disk before the response is sent.
/// </summary>
internal sealed class ChangeEndpoints(ProjectDatabase database, EventHub hub, TimeProvider time)
{
    public async Task ChangeAsync(HttpContext context)
    {
        ChangesRequest request = await LabelBody.ReadAsync(context, LabelJson.Types.ChangesRequest);
        await AnswerAsync(context, (session, id, who) => ChangeLog.ApplyAsync(session, id, request, who, time.GetUtcNow()));
    }

    public async Task UndoAsync(HttpContext context) => await StepAsync(context, isUndo: true);

    public async Task RedoAsync(HttpContext context) => await StepAsync(context, isUndo: false);

    public async Task GetHistoryAsync(HttpContext context)
    {
        long id = RequestValues.Number(context, "id");
        await LabelBody.WriteAsync(
            context, await database.ReadAsync(session => ChangeLog.HistoryAsync(session, id)), LabelJson.Types.HistoryDocument);
    }

    public async Task GetProposalsAsync(HttpContext context)
    {
        long id = RequestValues.Number(context, "id");
        string source = RequestValues.Source(context);
        await LabelBody.WriteAsync(
            context, await database.ReadAsync(session => ProposalTable.OfAsync(session, id, source)), LabelJson.Types.ProposalsDocument);
    }

    public async Task DismissAsync(HttpContext context)
    {
        long id = RequestValues.Number(context, "id"), proposal = RequestValues.Number(context, "proposal");
        await database.WriteAsync(session => ProposalTable.DismissAsync(session, id, proposal));
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private async Task StepAsync(HttpContext context, bool isUndo)
    {
        UndoRequest request = await LabelBody.ReadAsync(context, LabelJson.Types.UndoRequest);
        await AnswerAsync(
            context, (session, id, who) => ChangeLog.StepAsync(session, id, request.BaseVersion, isUndo, who, time.GetUtcNow()));
    }

    private async Task AnswerAsync(HttpContext context, Func<DbSession, long, string, Task<ChangesDocument>> change)
    {
        long id = RequestValues.Number(context, "id");
        Labeller who = Labeller.Of(context);
        ChangesDocument after = await database.WriteAsync(session => change(session, id, who.Name));
        hub.Send(new EventDocument(EventKinds.Picture) { Id = id, Version = after.Version, By = who.Name, Tab = who.Tab });
        await LabelBody.WriteAsync(context, after, LabelJson.Types.ChangesDocument);
    }
}
