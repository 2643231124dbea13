namespace PocketSam.Training.Tests.Data;

/// <summary>The data sets that lie beside the repository are read whole.</summary>
public sealed class SharedDataTests
{
    [Theory]
    [InlineData("coco/train.json", 372, 3163)]
    [InlineData("coco/val.json", 63, 568)]
    [InlineData("facade/train.json", 407, 12593)]
    [InlineData("facade/val.json", 108, 3825)]
    [InlineData("cats/train.json", 349, 1622)]
    [InlineData("cats/val.json", 60, 206)]
    [InlineData("nuclei/train.json", 200, 8248)]
    [InlineData("nuclei/val.json", 40, 1289)]
    [InlineData("clothing/train.json", 559, 7223)]
    [InlineData("clothing/val.json", 60, 803)]
    public void The_shared_data_sets_load(string name, int images, int masks)
    {
        CocoDataset data = CocoDataset.Load(SharedData.Require(name));
        Assert.Equal(images, data.Images.Count);
        Assert.Equal(masks, data.Images.Sum(image => image.Annotations.Count));
        foreach (CocoImage image in data.Images)
        {
            Assert.True(File.Exists(image.Path), image.Path);
            foreach (CocoAnnotation annotation in image.Annotations)
            {
                BinaryMask mask = annotation.Decode();
                Assert.Equal((image.Width, image.Height), (mask.Width, mask.Height));
                Assert.NotEqual(0, mask.Area);
            }
        }
    }
}
