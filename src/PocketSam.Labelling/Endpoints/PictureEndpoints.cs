using Microsoft.AspNetCore.Http;
using PocketSam.Imaging;
using PocketSam.Labelling.Api;
using PocketSam.Labelling.Live;
using PocketSam.Labelling.Pictures;
using PocketSam.Labelling.Storage;

namespace PocketSam.Labelling.Endpoints;

/// <summary>Endpoints for the list of pictures, their files, and who has them open.</summary>
internal sealed class PictureEndpoints(
    ProjectDatabase database, PictureFolder folder, Thumbnails thumbnails, Embeddings embeddings, Presence presence)
{
    private const int MaxPage = 1000;
    private const int DefaultPage = 200;

    public async Task ListAsync(HttpContext context)
    {
        PictureFilter filter = RequestValues.Filter(context);
        long offset = RequestValues.Query(context, "offset") ?? 0, limit = RequestValues.Query(context, "limit", MaxPage) ?? DefaultPage;
        PicturesDocument page = await database.ReadAsync(session => PictureTable.ListAsync(session, filter, offset, limit));
        page = page with { Pictures = [.. page.Pictures.Select(picture => picture with { OpenBy = presence.Of(picture.Id) })] };
        await LabelBody.WriteAsync(context, page, LabelJson.Types.PicturesDocument);
    }

    public async Task NextAsync(HttpContext context)
    {
        PictureFilter filter = RequestValues.Filter(context);
        long? after = RequestValues.Query(context, "after");
        NextDocument next = await database.ReadAsync(session => PictureTable.NextAsync(session, filter, after))
            ?? throw new LabelException(404, "no_picture", "there is no further picture");
        await LabelBody.WriteAsync(context, next, LabelJson.Types.NextDocument);
    }

    public async Task GetAsync(HttpContext context)
    {
        long id = RequestValues.Number(context, "id");
        PictureDetailDocument detail = await database.ReadAsync(async session =>
        {
            StoredPicture picture = await PictureTable.GetAsync(session, id);
            List<StoredObject> objects = await PictureTable.ObjectsAsync(session, id);
            (bool canUndo, bool canRedo) = await ChangeLog.CanStepAsync(session, id);
            long proposals = await ProposalTable.CountAsync(session, id);
            return new PictureDetailDocument(
                id, picture.Path, picture.Width, picture.Height, picture.State, picture.Comment,
                [.. objects.Select(thing => thing.ToDocument())], proposals, picture.Version, picture.Status, presence.Of(id),
                embeddings.IdOf(picture), canUndo, canRedo);
        });
        await LabelBody.WriteAsync(context, detail, LabelJson.Types.PictureDetailDocument);
    }

    /// <summary>Sends the file unchanged if browsers can show its format, otherwise as PNG.</summary>
    public async Task GetImageAsync(HttpContext context)
    {
        StoredPicture picture = await PictureAsync(context);
        if (IsKnown(context, picture, "image"))
            return;
        byte[] file = await folder.ReadAsync(picture, context.RequestAborted);
        string? type = TypeOf(file);
        if (type is null)
        {
            byte[] original = file;
            file = await Task.Run(
                () => ImageFile.EncodePng(ImageFile.Decode(original, picture.Path, new ImageReadOptions(), context.RequestAborted)),
                context.RequestAborted);
        }

        await SendAsync(context, file, type ?? "image/png");
    }

    public async Task GetThumbnailAsync(HttpContext context)
    {
        StoredPicture picture = await PictureAsync(context);
        if (IsKnown(context, picture, "small"))
            return;
        await SendAsync(context, await thumbnails.GetAsync(picture, context.RequestAborted), "image/jpeg");
    }

    /// <summary>Adds the picture to the service, so that prompts can refer to it.</summary>
    public async Task EmbedAsync(HttpContext context)
    {
        StoredPicture picture = await PictureAsync(context);
        string id = await embeddings.OpenAsync(picture);
        await LabelBody.WriteAsync(
            context, new EmbeddedDocument(id, picture.Width, picture.Height), LabelJson.Types.EmbeddedDocument);
    }

    public async Task OpenAsync(HttpContext context)
    {
        StoredPicture picture = await PictureAsync(context);
        IReadOnlyList<string> names = presence.Open(picture.Id, Labeller.Of(context));
        await LabelBody.WriteAsync(context, new PresenceDocument(names), LabelJson.Types.PresenceDocument);
    }

    public Task CloseAsync(HttpContext context)
    {
        IReadOnlyList<string> names = presence.Close(RequestValues.Number(context, "id"), Labeller.Of(context));
        return LabelBody.WriteAsync(context, new PresenceDocument(names), LabelJson.Types.PresenceDocument);
    }

    /// <summary>
    /// The media type of a format that browsers show and turn upright themselves; null for other formats.
    /// </summary>
    private static string? TypeOf(ReadOnlySpan<byte> file) => file switch
    {
        [0xFF, 0xD8, 0xFF, ..] => "image/jpeg",
        [0x89, (byte)'P', (byte)'N', (byte)'G', ..] => "image/png",
        [(byte)'R', (byte)'I', (byte)'F', (byte)'F', _, _, _, _, (byte)'W', (byte)'E', (byte)'B', (byte)'P', ..] => "image/webp",
        _ => null,
    };

    /// <summary>Whether the browser has the file in its cache; the response is then 304 (not modified).</summary>
    private static bool IsKnown(HttpContext context, StoredPicture picture, string kind)
    {
        string tag = $"\"{kind}-{picture.Id}-{picture.Bytes:x}-{picture.Modified:x}\"";
        context.Response.Headers.ETag = tag;
        context.Response.Headers.CacheControl = "private, no-cache";
        if (context.Request.Headers.IfNoneMatch != tag)
            return false;
        context.Response.StatusCode = StatusCodes.Status304NotModified;
        return true;
    }

    private static Task SendAsync(HttpContext context, byte[] file, string type)
    {
        context.Response.ContentType = type;
        context.Response.ContentLength = file.Length;
        return context.Response.Body.WriteAsync(file, context.RequestAborted).AsTask();
    }

    private Task<StoredPicture> PictureAsync(HttpContext context)
    {
        long id = RequestValues.Number(context, "id");
        return database.ReadAsync(session => PictureTable.GetAsync(session, id));
    }
}
