using PocketSam.Training.Data.Effects;
using PocketSam.Training.Data.Scenes;
using PocketSam.Training.Data.Scenes.Materials;
using PocketSam.Training.Data.Scenes.Painting;
using PocketSam.Training.Data.Scenes.Things;

namespace PocketSam.Training.Tests.Data.Scenes.Things;

public class CatalogueTests
{
    private const int Side = 96;

    public static TheoryData<int> Kinds
    {
        get
        {
            TheoryData<int> indices = [];
            for (int i = 0; i < Catalogue.Anything.Length; i++)
                indices.Add(i);
            return indices;
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Each_kind_shows_and_keeps_to_its_place(int index)
    {
        ThingKind kind = Catalogue.Anything[index];
        for (ulong seed = 0; seed < 4; seed++)
        {
            Stage stage = new(new SceneOptions { Width = Side, Height = Side }, new RandomStream(seed));
            Thing thing = kind.Make(stage, 0.5f * Side, 0.5f * Side, 0.6f * Side);
            SceneCanvas canvas = new(Side, Side);
            canvas.Paint(new Scene(Material.Flat(default), [thing], stage.Light), antialias: true).Dispose();

            BinaryMask whole = canvas.Ownership.Masks(1, 0, partMasks: false).Single();

            // Frames reach 0.3 of the side from the middle, their corners 0.43; some makers let a detail stick out.
            Assert.InRange(whole.Area, 20, Side * Side * 0.6);
            Assert.False(whole[1, 1] || whole[Side - 2, 1] || whole[1, Side - 2] || whole[Side - 2, Side - 2]);
        }
    }
}
