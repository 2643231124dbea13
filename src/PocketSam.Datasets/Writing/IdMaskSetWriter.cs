using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using PocketSam.Imaging;

namespace PocketSam.Datasets.Writing;

/// <summary>
/// Writes a folder with one PNG for each picture, whose pixels are object ids: from 1 in the objects' order, 0 for
/// none, 16 bits if there are more than 255. <c>classes.json</c> has the name of each id. Where objects overlap, the
/// later one is kept.
/// </summary>
internal sealed class IdMaskSetWriter() : DatasetWriter("masks")
{
    private const string Classes = "classes.json";

    public override void Write(
        string output, IReadOnlyList<LabelledPicture> pictures, DatasetReading set, double tolerance, CancellationToken cancellation)
        => AtomicFolder.Write(Path.GetFullPath(output), temporary =>
        {
            foreach ((LabelledPicture picture, string path) in FilesFor(output, temporary, pictures, ".png", []))
            {
                cancellation.ThrowIfCancellationRequested();
                if (picture.Annotations.Count > IdImage.MaxWritten)
                    throw new IOException($"{picture.Name}: {picture.Annotations.Count} objects, where 16 bits count {IdImage.MaxWritten}");
                IdImage ids = Number(picture);
                int hidden = picture.Annotations.Count - ids.Values.Count(id => id > 0);
                if (hidden > 0)
                    set.LeaveOut("objects that lie wholly under later ones", picture.Name, hidden);
                ImageFile.WriteIds(path, ids);
            }

            AtomicFile.Write(Path.Combine(temporary, Classes), stream => WriteClasses(stream, pictures));
        });

    private static IdImage Number(LabelledPicture picture)
    {
        int[] ids = new int[picture.Width * picture.Height];
        for (int i = 0; i < picture.Annotations.Count; i++)
        {
            PixelBox box = picture.Annotations[i].Box;
            if (box.IsEmpty)
                continue;
            BinaryMask part = picture.Annotations[i].Segmentation.Crop(box);
            for (int y = 0; y < part.Height; y++)
            {
                for (int x = part.NextSet(y, 0), end; x < part.Width; x = part.NextSet(y, end))
                {
                    end = part.NextClear(y, x);
                    ids.AsSpan((box.Y + y) * picture.Width + box.X + x, end - x).Fill(i + 1);
                }
            }
        }

        return new IdImage(picture.Width, picture.Height, ids);
    }

    private static void WriteClasses(Stream stream, IReadOnlyList<LabelledPicture> pictures)
    {
        using var json = new Utf8JsonWriter(
            stream, new JsonWriterOptions { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        json.WriteStartObject();
        foreach (LabelledPicture picture in pictures)
        {
            json.WriteStartObject(picture.Name);
            for (int i = 0; i < picture.Annotations.Count; i++)
            {
                if (picture.Annotations[i].Label is { } label)
                    json.WriteString((i + 1).ToString(CultureInfo.InvariantCulture), label);
            }

            json.WriteEndObject();
        }

        json.WriteEndObject();
    }
}
