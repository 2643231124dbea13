using PocketSam.Tests.Models;

namespace PocketSam.Tests.Segmentation;

/// <summary>What the memory of a first picture serves a second one.</summary>
[Collection(ThreadCounts.Name)]
public sealed class EncodeMemoryTests
{
    /// <summary>Managed memory that encoding may take once it has run: a million bytes.</summary>
    private const long Allowed = 1_000_000;

    public static TheoryData<string> Models => [ModelZoo.Pocket.Name, ModelZoo.VitT.Name];

    [Theory]
    [MemberData(nameof(Models))]
    public void A_second_picture_allocates_little(string name)
    {
        // On one thread, so that nobody else's memory is counted.
        Sam sam = Sam.Over(MadeUpWeights.Create(ModelZoo.Find(name)!));
        var image = new RgbImage(700, 500);
        ThreadCounts.With(1, () =>
        {
            sam.Encode(image).Dispose();
            long before = GC.GetAllocatedBytesForCurrentThread();
            sam.Encode(image).Dispose();
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, Allowed);
            return 0;
        });
    }
}
