using PocketSam.Training.Data.Effects;
using PocketSam.Training.Data.Scenes.Materials;
using PocketSam.Training.Data.Scenes.Painting;
using PocketSam.Training.Data.Scenes.Things;

namespace PocketSam.Training.Tests.Data.Scenes.Things;

public class ThingKindTests
{
    private const int Side = 96;

    public static TheoryData<int> Kinds => [.. Enumerable.Range(0, ThingKind.All.Length)];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Each_kind_shows_and_keeps_to_its_place(int index)
    {
        for (ulong seed = 0; seed < 4; seed++)
        {
            Workshop shop = new(new RandomStream(seed), pixelScale: 1);
            Thing thing = shop.Make(ThingKind.All[index], 0.5f * Side, 0.5f * Side, 0.6f * Side);
            SceneCanvas canvas = new(Side, Side);
            canvas.Paint(new Scene(Texture.Plain(default), [thing], shop.Light), isFlat: false).Dispose();

            BinaryMask whole = canvas.Ownership.Masks(1, 0, partMasks: false).Single();

            // Frames reach 0.3 of the side from the middle, their corners 0.43; some parts stick out a little.
            Assert.InRange(whole.Area, 20, Side * Side * 0.6);
            Assert.False(whole[1, 1] || whole[Side - 2, 1] || whole[1, Side - 2] || whole[Side - 2, Side - 2]);
        }
    }
}
