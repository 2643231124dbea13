namespace PocketSam.Datasets;

/// <summary>
/// COCO: one file, or the COCO files of a folder (<c>annotations/instances_*.json</c>,
/// <c>train/_annotations.coco.json</c>).
/// </summary>
internal sealed class CocoSet : DatasetFormat
{
    public override string Name => "coco";

    public override bool Recognises(string path) => Sets(path).Any();

    public override IEnumerable<LabelledPicture> Read(DatasetReading set)
    {
        foreach (string file in Sets(set.Path))
        {
            CocoDataset data = CocoDataset.Load(set.Reads(file));
            set.AddClasses(data.Classes);
            if (data.LeftOutCount > 0)
                set.LeaveOut("annotations without a usable mask", $"{file}: {data.LeftOut[0]}", data.LeftOutCount);
            foreach (CocoImage image in data.Images)
            {
                string? picture = set.Find(image.Path, image.Name);
                if (PictureIndex.SizeOf(picture) is { } size && size != (image.Width, image.Height))
                {
                    set.LeaveOut(
                        "pictures of another size than stated (EXIF orientation?)",
                        $"{picture} is {size.Width}x{size.Height} and not {image.Width}x{image.Height}");
                    continue;
                }

                yield return new LabelledPicture(
                    set.Images.NameFor(picture, image.Name), picture, image.Width, image.Height,
                    [.. image.Annotations.Select(a => Annotate(a.Decode(), a.Label)).OfType<Annotation>()]);
            }
        }
    }

    private static IEnumerable<string> Sets(string path)
        => Files(path, ".json").Where(IsCoco);

    private static bool IsCoco(string file) => JsonHead.Read(file, out bool isList).IsSupersetOf(["images", "annotations"]) && !isList;
}
