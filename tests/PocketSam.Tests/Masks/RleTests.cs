namespace PocketSam.Tests.Masks;

public class RleTests
{
    public static TheoryData<int, int> Sizes => MaskSamples.Sizes;

    /// <summary>Strings that <c>rleToString</c> of pycocotools (maskApi.c, 2.0) prints for these counts.</summary>
    public static TheoryData<string, int[]> KnownStrings => new()
    {
        { "6", [6] },
        { "06", [0, 6] },
        { "231", [2, 3, 1] },
        { "0d0X1FP1L", [0, 20, 40, 10, 72, 6] },
        { "?`0o0`0ROPOn?P`02", [15, 16, 31, 32, 1, 0, 511, 512, 513] },
        { "PeQ313ndQ3NQeQ34", [100000, 1, 3, 99999, 1, 200000, 5] },
        { "0oooooo1", [0, int.MaxValue] },
    };

    [Theory]
    [MemberData(nameof(KnownStrings))]
    public void Strings_are_those_of_pycocotools(string compressed, int[] counts)
    {
        int pixels = counts.Sum();
        Rle fromCounts = Rle.FromCounts(counts, pixels, 1);
        Rle fromString = Rle.FromCompressed(compressed, pixels, 1);
        Assert.Equal(compressed, fromCounts.ToCompressed());
        Assert.Equal(counts, fromString.Counts.ToArray());
        Assert.Equal(counts.Where((_, i) => i % 2 == 1).Sum(), fromString.Area);
    }

    [Fact]
    public void Pixels_go_down_the_columns()
    {
        BinaryMask mask = MaskSamples.Parse("..#", "#.#", "##.");
        Rle rle = Rle.Encode(mask);
        Assert.Equal([1, 2, 2, 3, 1], rle.Counts.ToArray());
        Assert.Equal((3, 3, 5), (rle.Height, rle.Width, rle.Area));
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Encoding_agrees_with_a_pixel_loop_and_comes_back(int width, int height)
    {
        foreach (BinaryMask mask in MaskSamples.Of(width, height))
        {
            Rle rle = Rle.Encode(mask);
            Assert.Equal(NaiveCounts(mask), rle.Counts.ToArray());
            Assert.Equal(mask.Area, rle.Area);
            Assert.True(mask.ContentEquals(rle.ToMask()));
            Assert.True(mask.ContentEquals(Rle.FromCompressed(rle.ToCompressed(), height, width).ToMask()));
            Assert.True(mask.ContentEquals(Rle.FromCounts(rle.Counts, height, width).ToMask()));
        }
    }

    [Fact]
    public void Empty_runs_within_are_no_error()
    {
        Assert.Equal(["#.", "##"], MaskSamples.Print(Rle.FromCounts([0, 1, 0, 1, 1, 0, 0, 1], 2, 2).ToMask()));
    }

    [Theory]
    [InlineData("", "add up to 0, not to the picture's 6 pixels")]
    [InlineData("5", "add up to 5, not")]
    [InlineData("7", "more than the picture's 6 pixels")]
    [InlineData("O", "run 0 is negative (-1)")]
    [InlineData("231L", "run 3 is negative (-1)")]
    [InlineData("2 1", "character 1 is U+0020")]
    [InlineData("2\u00303p", "character 3 is U+0070")]
    [InlineData("2P", "number at character 1 is cut off")]
    [InlineData("oooooooooooooooooooo", "number at character 0 has more than 7 digits")]
    [InlineData("0ooooooO", "negative")]
    [InlineData("0oooooo?", "more than the picture's 6 pixels")]
    public void Bad_strings_are_refused_with_the_reason(string compressed, string reason)
    {
        FormatException exception = Assert.Throws<FormatException>(() => Rle.FromCompressed(compressed, 2, 3));
        Assert.Contains(reason, exception.Message);
    }

    [Fact]
    public void Bad_counts_are_refused_with_the_reason()
    {
        Assert.Contains("run 1 is negative",
            Assert.Throws<FormatException>(() => Rle.FromCounts([3, -1, 4], 2, 3)).Message);
        const int most = int.MaxValue;
        Assert.Contains("add up to 4294967294, more than",
            Assert.Throws<FormatException>(() => Rle.FromCounts([most, most], most, 1)).Message);
        Assert.Throws<FormatException>(() => Rle.FromCounts([3, 2], 2, 3));
        Assert.Throws<ArgumentOutOfRangeException>(() => Rle.FromCounts([0], 0, 3));
        Assert.Throws<ArgumentOutOfRangeException>(() => Rle.FromCounts([0], 1 << 16, 1 << 16));
    }

    [Fact]
    public void Damaged_strings_either_read_or_throw_FormatException()
    {
        var random = new Random(5);
        string whole = Rle.Encode(MaskSamples.Noise(40, 30, 0.3, random)).ToCompressed();
        int read = 0;
        for (int i = 0; i < 20_000; i++)
        {
            char[] text = whole.ToCharArray();
            for (int n = random.Next(1, 4); n > 0; n--)
                text[random.Next(text.Length)] = (char)random.Next('/', 'q');
            string damaged = new string(text)[..random.Next(text.Length + 1)];
            try
            {
                Assert.Equal(1200, Rle.FromCompressed(damaged, 30, 40).Counts.ToArray().Sum());
                read++;
            }
            catch (FormatException)
            {
            }
        }

        Assert.InRange(read, 0, 19_999);
    }

    private static int[] NaiveCounts(BinaryMask mask)
    {
        var counts = new List<int>();
        bool value = false;
        int run = 0;
        for (int x = 0; x < mask.Width; x++)
        {
            for (int y = 0; y < mask.Height; y++)
            {
                if (mask[x, y] != value)
                {
                    counts.Add(run);
                    (value, run) = (!value, 0);
                }

                run++;
            }
        }

        return [.. counts, run];
    }
}
