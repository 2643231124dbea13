using PocketSam.Training.Data;

namespace PocketSam.Training.Tests.Data;

public class MaskRowTests
{
    [Fact]
    public void Filled_ranges_are_what_is_counted_and_extracted()
    {
        const int Width = 200;
        for (int from = 0; from < Width; from += 7)
        {
            for (int to = from; to <= Width; to += 13)
            {
                BinaryMask mask = new(Width, 1);
                MaskRow.Fill(mask.Row(0), from, to);

                Assert.Equal(to - from, mask.Area);
                Assert.Equal(to - from, MaskRow.Count(mask.Row(0), from, to));
                Assert.Equal(from, to == from ? from : Enumerable.Range(0, Width).First(x => mask[x, 0]));
                Assert.Equal(Math.Min(to, 64) - Math.Min(from, 64), MaskRow.Count(mask.Row(0), 0, 64));
                int taken = Math.Min(to - from, 64);
                if (taken > 0)
                    Assert.Equal(MaskRow.Ones(taken), MaskRow.Extract(mask.Row(0), from, taken));
            }
        }
    }
}
