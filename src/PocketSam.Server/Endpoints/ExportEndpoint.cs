using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using PocketSam.Imaging;
using PocketSam.Server.Api;
using PocketSam.Server.Exports;
using PocketSam.Server.Images;

namespace PocketSam.Server.Endpoints;

/// <summary>Exports masks as files.</summary>
internal sealed class ExportEndpoint(PictureFinder pictures, Exporter exporter, IOptions<PocketSamOptions> options)
{
    private const int MaxLabelLength = 256;

    public async Task ExportAsync(HttpContext context, string id)
    {
        ExportRequest request = await JsonBody.ReadAsync(context, JsonBody.Types.ExportRequest, RequestBodies.MaxDocumentBytes);
        using PhotoLease lease = await pictures.LeaseAsync(context, id);
        Photo photo = lease.Photo;
        MaskFormat format = PictureFormats.All.Find(request.Format) ?? throw Invalid(
            $"format '{request.Format}': there are {string.Join(", ", PictureFormats.All.Names)}");
        Annotation[] masks = Read(request.Objects, photo.Pixels);
        var picture = new AnnotatedPicture(photo.Name, photo.Pixels.Width, photo.Pixels.Height, masks)
        {
            Photo = photo.Pixels,
            Classes = Classes(request.Classes, masks),
        };
        if (format.FurtherFiles.Contains(Path.GetFileNameWithoutExtension(photo.Name) + format.Extension))
            throw Invalid($"a picture called {photo.Name} has no {format.Name} file of its own: give it another name");
        MaskCost[] costs = [.. masks.Select(format.CostOf)];
        RequireCost(costs);
        await exporter.SendAsync(
            format, picture, costs, (name, type, length) => Start(context.Response, name, type, length), context.Response.Body,
            context.RequestAborted);
    }

    private static void Start(HttpResponse response, string name, string contentType, long? length)
    {
        var disposition = new ContentDispositionHeaderValue("attachment");
        disposition.SetHttpFileName(name);
        response.Headers.ContentDisposition = disposition.ToString();
        response.ContentType = contentType;
        response.ContentLength = length;
    }

    private static ApiException Invalid(string detail) => new(422, "invalid_export", detail);

    private static string? Label(string? name, int place)
    {
        if (name is not null && !IsName(name))
            throw Invalid($"object {place}: a name has at most {MaxLabelLength} characters, none of them for control");
        return name;
    }

    private static bool IsName(string name) => name.Length <= MaxLabelLength && !name.Any(c => char.IsControl(c) || c >= '\ufffe');

    /// <summary>Validates the names of all classes, which must include those of the masks.</summary>
    private static string[]? Classes(IReadOnlyList<string>? names, Annotation[] masks)
    {
        if (names is null)
            return null;
        string[] classes = new string[names.Count];
        var known = new HashSet<string>(StringComparer.Ordinal);
        for (int i = 0; i < classes.Length; i++)
        {
            if (string.IsNullOrWhiteSpace(names[i]) || !IsName(names[i]))
                throw Invalid($"class {i}: a name has 1 to {MaxLabelLength} characters, none of them for control");
            classes[i] = names[i].Trim();
            if (!known.Add(classes[i]))
                throw Invalid($"class {i}: '{classes[i]}' is listed twice");
        }

        for (int i = 0; i < masks.Length; i++)
        {
            if (!known.Contains(masks[i].ClassName))
                throw Invalid($"object {i}: '{masks[i].ClassName}' is not among the classes");
        }

        return classes;
    }

    private static (byte Red, byte Green, byte Blue)? Color(string? color, int place)
    {
        if (color is null)
            return null;
        if (color is not ['#', _, _, _, _, _, _]
            || !int.TryParse(color.AsSpan(1), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int rgb))
        {
            throw Invalid($"object {place}: a color is written as #rrggbb");
        }

        return ((byte)(rgb >> 16), (byte)(rgb >> 8), (byte)rgb);
    }

    private static float? Score(float? score, int place)
        => float.IsFinite(score ?? 0) ? score : throw Invalid($"object {place}: a score is a number of single precision");

    /// <summary>Refuses exports that would take too long or give too large a response.</summary>
    private void RequireCost(MaskCost[] costs)
    {
        PocketSamOptions limits = options.Value;
        Require(costs.Sum(cost => cost.Corners), limits.MaxExportCorners, "corners of outlines");
        Require(costs.Sum(cost => cost.Pixels), limits.MaxExportPixels, "pixels");
        Require(costs.Sum(cost => cost.PhotoPixels), limits.MaxExportPhotoPixels, "pixels of the photo");

        static void Require(long count, long most, string what)
        {
            if (count > most)
                throw Invalid(FormattableString.Invariant($"{count} {what}: at most {most} are exported at a time"));
        }
    }

    private Annotation[] Read(IReadOnlyList<ExportRequest.NamedMask> objects, RgbImage picture)
    {
        if (objects.Count == 0)
            throw Invalid("objects is empty: give one at least");
        if (objects.Count > options.Value.MaxExportObjects)
            throw Invalid($"{objects.Count} objects: at most {options.Value.MaxExportObjects} are exported at a time");
        var masks = new Annotation[objects.Count];
        for (int i = 0; i < masks.Length; i++)
        {
            if (objects[i] is null)
                throw Invalid($"object {i}: null is no mask");
            Rle rle = objects[i].Rle;
            if (rle.Width != picture.Width || rle.Height != picture.Height)
            {
                throw Invalid(
                    $"object {i}: a mask of {rle.Width}x{rle.Height} for a picture of {picture.Width}x{picture.Height}");
            }

            masks[i] = new Annotation(rle)
            {
                Label = Label(objects[i].Name, i),
                Color = Color(objects[i].Color, i),
                PredictedIou = Score(objects[i].PredictedIou, i),
                StabilityScore = Score(objects[i].StabilityScore, i),
            };
        }

        return masks;
    }
}
