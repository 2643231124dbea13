using PocketSam.Kernels.Ops;

namespace PocketSam.Tests.Kernels;

[Trait("Category", "Simd")]
public sealed unsafe class Im2ColKernelTests
{
    public static TheoryData<int, int, int, int, int, int, int> Shapes
    {
        get
        {
            // batch, height, width, channels, kernel, stride, padding
            var shapes = new TheoryData<int, int, int, int, int, int, int>();
            foreach ((int height, int width) in new[] { (1, 1), (1, 4), (4, 1), (2, 2), (5, 4), (6, 7), (9, 3) })
            {
                foreach (int channels in new[] { 1, 3, 17 })
                {
                    shapes.Add(2, height, width, channels, 3, 1, 1);
                    shapes.Add(2, height, width, channels, 3, 2, 1);
                    shapes.Add(1, height, width, channels, 1, 2, 0);
                    if (height > 1 && width > 1)
                        shapes.Add(2, height, width, channels, 2, 2, 0);
                }
            }

            shapes.Add(1, 5, 6, 2, 5, 1, 2);
            shapes.Add(2, 70, 60, 4, 3, 1, 1); // several parts
            return shapes;
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Gather_copies_patches_and_Spread_adds_them_back(
        int batch, int height, int width, int channels, int kernel, int stride, int padding)
    {
        Im2ColKernel patches = Kernel(batch, height, width, channels, kernel, stride, padding);
        float[] picture = Samples.Integers(batch * height * width * channels, 1);
        float[] rows = Samples.Integers(patches.Rows * patches.Columns, 2);
        float[] before = Samples.Integers(picture.Length, 3);
        double[] gathered = new double[rows.Length], spread = Reference.ToDouble(before);
        Reference.Taps(
            batch, height, width, kernel, stride, padding, patches.OutHeight, patches.OutWidth, (output, tap, input) =>
            {
                for (int c = 0; c < channels && input >= 0; c++)
                {
                    int at = output * patches.Columns + tap * channels + c;
                    gathered[at] = picture[input * channels + c];
                    spread[input * channels + c] += rows[at];
                }
            });

        Guarded x = Guarded.From(picture), columns = new(rows.Length);
        patches.Gather(x.Data, columns.Data);
        columns.AssertEquals(gathered, 0, "gathered");

        Guarded target = Guarded.From(before), source = Guarded.From(rows);
        patches.Spread(source.Data, target.Data);
        target.AssertEquals(spread, 0, "spread");
        patches.Spread(source.Data, target.Data, accumulate: false);
        target.AssertEquals([.. spread.Select((v, i) => v - before[i])], 0, "spread alone");
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void RowIndex_names_the_pixel_under_each_tap(
        int batch, int height, int width, int channels, int kernel, int stride, int padding)
    {
        Im2ColKernel patches = Kernel(batch, height, width, channels, kernel, stride, padding);
        int[] expected = new int[kernel * kernel * patches.Rows];
        Reference.Taps(
            batch, height, width, kernel, stride, padding, patches.OutHeight, patches.OutWidth,
            (output, tap, input) => expected[tap * patches.Rows + output] = input);
        int[] whole = new int[expected.Length];
        fixed (int* index = whole)
            patches.RowIndex(0, patches.Rows, index);
        Assert.Equal(expected, whole);

        // A stretch holds its columns of the whole.
        int start = patches.Rows / 3, end = patches.Rows - 1, count = end - start;
        if (count < 1)
            return;
        int[] stretch = new int[kernel * kernel * count];
        fixed (int* index = stretch)
            patches.RowIndex(start, end, index);
        for (int tap = 0; tap < kernel * kernel; tap++)
            Assert.Equal(whole[(tap * patches.Rows + start)..(tap * patches.Rows + end)], stretch[(tap * count)..((tap + 1) * count)]);
    }

    private static Im2ColKernel Kernel(
        int batch, int height, int width, int channels, int kernel, int stride, int padding) => new()
        {
            Batch = batch,
            Height = height,
            Width = width,
            Channels = channels,
            Kernel = kernel,
            Stride = stride,
            Padding = padding,
        };
}
