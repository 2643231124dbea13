using System.Text.Json.Serialization;

namespace PocketSam.Masks.Formats;

internal sealed record CocoDocument(
    CocoDocument.Picture[] Images, IEnumerable<CocoDocument.Annotation> Annotations, CocoDocument.Category[] Categories)
{
    internal sealed record Picture(int Id, string FileName, int Width, int Height);

    internal sealed record Annotation(
        int Id,
        int ImageId,
        int CategoryId,
        CocoSegmentation Segmentation,
        int Area,
        int[] Bbox,
        [property: JsonPropertyName("iscrowd")] int IsCrowd);

    internal sealed record Category(int Id, string Name);
}
