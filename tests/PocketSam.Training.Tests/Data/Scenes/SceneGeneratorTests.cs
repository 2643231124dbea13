using PocketSam.Training.Data;
using PocketSam.Training.Data.Scenes;

namespace PocketSam.Training.Tests.Data.Scenes;

public class SceneGeneratorTests
{
    private static readonly SceneOptions Small = new() { Width = 128, Height = 112, MaxThings = 30 };

    private static readonly SceneOptions Bare = Small with
    {
        Textures = false, Lighting = false, Antialiasing = false, CameraEffects = false,
    };

    [Fact]
    public void Same_seed_same_picture_other_seed_another()
    {
        SceneGenerator generator = new(Small);
        for (ulong seed = 0; seed < 12; seed++)
        {
            TrainingPicture first = generator.Generate(seed);
            TrainingPicture again = new SceneGenerator(Small).Generate(seed);

            Assert.Equal(first.Image.Pixels, again.Image.Pixels);
            Assert.Equal(first.Masks.Count, again.Masks.Count);
            for (int i = 0; i < first.Masks.Count; i++)
                AssertSame(first.Masks[i], again.Masks[i]);
            Assert.NotEqual(first.Image.Pixels, generator.Generate(seed + 1000).Image.Pixels);
        }
    }

    [Fact]
    public void Threads_do_not_disturb_each_other()
    {
        SceneGenerator shared = new(Small);
        byte[][] alone = new byte[16][];
        for (int i = 0; i < alone.Length; i++)
            alone[i] = new SceneGenerator(Small).Generate((ulong)i).Image.Pixels;

        Parallel.For(0, alone.Length, i => Assert.Equal(alone[i], shared.Generate((ulong)i).Image.Pixels));
    }

    [Fact]
    public void Masks_have_the_picture_s_size_and_the_least_area()
    {
        SceneOptions options = Small with { MinMaskArea = 90 };
        SceneGenerator generator = new(options);
        int masks = 0;
        for (ulong seed = 0; seed < 20; seed++)
        {
            TrainingPicture picture = generator.Generate(seed);
            Assert.Equal((options.Width, options.Height), (picture.Image.Width, picture.Image.Height));
            foreach (BinaryMask mask in picture.Masks)
            {
                Assert.Equal((options.Width, options.Height), (mask.Width, mask.Height));
                Assert.InRange(mask.Area, 90, options.Width * options.Height);
                for (int y = 0; y < mask.Height; y++)
                    Assert.Equal(MaskRow.Count(mask.Row(y), 0, mask.Width), CountWords(mask, y));
            }

            masks += picture.Masks.Count;
        }

        Assert.True(masks > 40, $"only {masks} masks in 20 pictures");
    }

    [Fact]
    public void Whole_things_do_not_overlap()
    {
        SceneGenerator generator = new(Small with { PartMasks = false });
        for (ulong seed = 0; seed < 20; seed++)
        {
            IReadOnlyList<BinaryMask> masks = generator.Generate(seed).Masks;
            BinaryMask union = new(Small.Width, Small.Height);
            foreach (BinaryMask mask in masks)
            {
                for (int y = 0; y < mask.Height; y++)
                {
                    for (int i = 0; i < mask.Row(y).Length; i++)
                    {
                        Assert.Equal(0ul, union.Row(y)[i] & mask.Row(y)[i]);
                        union.Row(y)[i] |= mask.Row(y)[i];
                    }
                }
            }

            Assert.Equal(masks.Sum(mask => mask.Area), union.Area);
        }
    }

    [Fact]
    public void Masks_with_parts_are_nested_or_apart()
    {
        SceneGenerator generator = new(Small with { MinMaskArea = 20 });
        for (ulong seed = 0; seed < 20; seed++)
        {
            IReadOnlyList<BinaryMask> masks = generator.Generate(seed).Masks;
            for (int i = 0; i < masks.Count; i++)
            {
                for (int j = 0; j < i; j++)
                {
                    int common = Common(masks[i], masks[j]);
                    Assert.True(
                        common == 0 || common == masks[i].Area || common == masks[j].Area,
                        $"seed {seed}: masks {j} and {i} cut each other");
                    Assert.False(common == masks[i].Area && common == masks[j].Area, $"seed {seed}: mask {j} twice");
                }
            }
        }
    }

    [Fact]
    public void Turning_the_effects_off_leaves_the_masks_alone()
    {
        // Effects must not shift the geometry: they draw from a stream of their own.
        SceneOptions developed = Bare with { CameraEffects = true };
        for (ulong seed = 0; seed < 5; seed++)
        {
            IReadOnlyList<BinaryMask> bare = new SceneGenerator(Bare).Generate(seed).Masks;
            IReadOnlyList<BinaryMask> after = new SceneGenerator(developed).Generate(seed).Masks;
            Assert.Equal(bare.Count, after.Count);
            for (int i = 0; i < bare.Count; i++)
                AssertSame(bare[i], after[i]);
        }
    }

    [Fact]
    public void Without_effects_a_part_is_of_one_colour()
    {
        SceneGenerator generator = new(Bare with { MinMaskArea = 1, MinVisibleFraction = 0 });
        for (ulong seed = 0; seed < 20; seed++)
        {
            TrainingPicture picture = generator.Generate(seed);
            foreach (BinaryMask mask in Smallest(picture.Masks))
            {
                HashSet<int> colors = [];
                for (int y = 0; y < mask.Height; y++)
                {
                    for (int x = 0; x < mask.Width; x++)
                    {
                        if (mask[x, y])
                            colors.Add(ColorAt(picture.Image, x, y));
                    }
                }

                Assert.Single(colors);
            }
        }
    }

    public static TheoryData<SceneOptions> BadOptions =>
    [
        new SceneOptions { Width = 31 },
        new SceneOptions { Height = 5000 },
        new SceneOptions { MinThings = -1 },
        new SceneOptions { MinThings = 10, MaxThings = 9 },
        new SceneOptions { MaxThings = 2001 },
        new SceneOptions { MinThingSize = 1 },
        new SceneOptions { MaxThingSize = 0 },
        new SceneOptions { SizeExponent = float.NaN },
        new SceneOptions { MinMaskArea = 0 },
        new SceneOptions { MinVisibleFraction = 1.5f },
        new SceneOptions { CamouflageProbability = -1 },
    ];

    [Theory]
    [MemberData(nameof(BadOptions))]
    public void Options_out_of_range_are_refused(SceneOptions options)
        => Assert.Throws<ArgumentOutOfRangeException>(() => new SceneGenerator(options));

    /// <summary>Masks that contain no other: single parts, or wholes of one part.</summary>
    private static IEnumerable<BinaryMask> Smallest(IReadOnlyList<BinaryMask> masks)
        => masks.Where(mask => !masks.Any(other => other != mask && Common(mask, other) == other.Area));

    private static int ColorAt(RgbImage image, int x, int y)
    {
        int i = 3 * (y * image.Width + x);
        return image.Pixels[i] << 16 | image.Pixels[i + 1] << 8 | image.Pixels[i + 2];
    }

    private static int Common(BinaryMask a, BinaryMask b)
    {
        int common = 0;
        for (int y = 0; y < a.Height; y++)
        {
            for (int i = 0; i < a.Row(y).Length; i++)
                common += System.Numerics.BitOperations.PopCount(a.Row(y)[i] & b.Row(y)[i]);
        }

        return common;
    }

    private static int CountWords(BinaryMask mask, int y)
    {
        int count = 0;
        foreach (ulong word in mask.Row(y))
            count += System.Numerics.BitOperations.PopCount(word);
        return count;
    }

    private static void AssertSame(BinaryMask expected, BinaryMask actual)
    {
        for (int y = 0; y < expected.Height; y++)
            Assert.True(expected.Row(y).SequenceEqual(actual.Row(y)), $"row {y} differs");
    }
}
