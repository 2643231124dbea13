using System.Collections.Concurrent;
using PocketSam.Training.Data;

namespace PocketSam.Training.Tests.Data;

public sealed class CocoSourceTests : IDisposable
{
    private const int Width = 70;
    private const int Height = 20;
    private const int Pictures = 5;

    /// <summary>Three bytes a pixel, and a mask of two words a row.</summary>
    private const long PictureBytes = Width * Height * 3 + 2 * 8 * Height;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_number_gives_the_same_picture_whatever_is_kept()
    {
        CocoDataset data = Dataset();
        CocoSource[] sources = [.. new long[] { 0, 2 * PictureBytes, long.MaxValue }.Select(b => new CocoSource(data, Read, b))];

        ulong[] numbers = [.. Enumerable.Range(0, 60).Select(i => (ulong)i * 0x9E3779B97F4A7C15)];
        foreach (ulong number in numbers)
        {
            TrainingPicture[] drawn = [.. sources.Select(s => s.Draw(number))];
            foreach (TrainingPicture picture in drawn)
            {
                Assert.Equal((byte)(number % Pictures), picture.Image.Pixels[0]);
                Assert.Equal(drawn[0].Image.Pixels, picture.Image.Pixels);
                Assert.Equal(1.0, Assert.Single(picture.Masks).Iou(drawn[0].Masks[0]));
            }
        }
    }

    [Fact]
    public void What_was_used_longest_ago_is_dropped_first()
    {
        List<int> decoded = [];
        var source = new CocoSource(Dataset(), Listed, 2 * PictureBytes);

        foreach (ulong number in (ulong[])[0, 1, 0, 2, 0, 1, 2])
            source.Draw(number);

        Assert.Equal([0, 1, 2, 1, 2], decoded);

        RgbImage Listed(string path)
        {
            decoded.Add(NumberOf(path));
            return Read(path);
        }
    }

    [Fact]
    public void Pictures_kept_stay_within_the_budget()
    {
        var cache = new PictureCache(i => new TrainingPicture(Picture(i), [new BinaryMask(Width, Height)]), 2 * PictureBytes);
        long[] bytes = new long[4];
        for (int i = 0; i < bytes.Length; i++)
        {
            cache.Get(i);
            bytes[i] = cache.Bytes;
        }

        Assert.Equal([PictureBytes, 2 * PictureBytes, 2 * PictureBytes, 2 * PictureBytes], bytes);

        var small = new PictureCache(i => new TrainingPicture(Picture(i), []), 1);
        small.Get(0);
        Assert.Equal(0, small.Bytes);
    }

    [Fact]
    public async Task Who_asks_for_a_picture_being_decoded_waits_for_it()
    {
        int decoded = 0;
        using ManualResetEventSlim begun = new(), gate = new();
        var source = new CocoSource(Dataset(), path =>
        {
            Interlocked.Increment(ref decoded);
            begun.Set();
            gate.Wait();
            return Read(path);
        });

        Task<TrainingPicture>[] asked = [.. Enumerable.Range(0, 4).Select(_ => Task.Run(() => source.Draw(3)))];
        begun.Wait();
        gate.Set();
        TrainingPicture[] pictures = await Task.WhenAll(asked);

        Assert.Equal(1, decoded);
        Assert.All(pictures, picture => Assert.Same(pictures[0], picture));
    }

    [Fact]
    public void Many_threads_never_decode_a_picture_twice_at_once()
    {
        var busy = new ConcurrentDictionary<string, int>();
        bool twice = false;
        var source = new CocoSource(Dataset(), path =>
        {
            twice |= !busy.TryAdd(path, 0);
            Thread.Yield();
            RgbImage picture = Read(path);
            busy.TryRemove(path, out _);
            return picture;
        }, 2 * PictureBytes);

        Parallel.For(0, 2000, new ParallelOptions { MaxDegreeOfParallelism = 8 }, i =>
        {
            ulong number = (ulong)i * 2654435761 % 97;
            Assert.Equal((byte)(number % Pictures), source.Draw(number).Image.Pixels[0]);
        });

        Assert.False(twice);
    }

    [Fact]
    public void A_picture_that_failed_is_tried_again()
    {
        bool fails = true;
        var source = new CocoSource(Dataset(), path => fails ? throw new IOException("the disk is gone") : Read(path));

        Assert.Throws<IOException>(() => source.Draw(1));
        fails = false;
        Assert.Equal(1, source.Draw(1).Image.Pixels[0]);
    }

    [Fact]
    public void Bad_input_is_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new CocoSource(Dataset(), Read, -1));
        CocoWriter.Write(_folder["empty.json"], [new AnnotatedPicture("0.png", Width, Height, [])]);
        var e = Assert.Throws<DataFormatException>(() => new CocoSource(CocoDataset.Load(_folder["empty.json"]), Read));
        Assert.Equal($"{_folder["empty.json"]}: no picture has a mask to train on", e.Message);
        Assert.False(new CocoSource(CocoDataset.Load(_folder["empty.json"]), Read, unmarked: true).HasMasks);
    }

    [Fact]
    public void Pictures_without_masks_are_drawn_if_they_are_asked_for()
    {
        CocoDataset marked = Dataset();
        CocoWriter.Write(
            _folder["some.json"],
            [.. marked.Images.Select((image, i) => new AnnotatedPicture(
                Path.GetFileName(image.Path), Width, Height, i == 0 ? [new Annotation(image.Annotations[0].Decode())] : []))]);
        CocoDataset some = CocoDataset.Load(_folder["some.json"]);
        CocoSource masks = new(some, Read), all = new(some, Read, unmarked: true);

        Assert.Equal((true, true), (masks.HasMasks, masks.AllHaveMasks));
        Assert.Equal((true, false), (all.HasMasks, all.AllHaveMasks));
        Assert.All(Enumerable.Range(0, 2 * Pictures), seed => Assert.Single(masks.Draw((ulong)seed).Masks));
        Assert.Equal(
            Enumerable.Range(0, Pictures).Select(i => i == 0 ? 1 : 0),
            Enumerable.Range(0, Pictures).Select(seed => all.Draw((ulong)seed).Masks.Count));
    }

    private CocoDataset Dataset()
    {
        var mask = new BinaryMask(Width, Height);
        mask.Fill(new PixelBox(5, 5, 30, 10));
        string[] names = [.. Enumerable.Range(0, Pictures).Select(i => $"{i}.png")];
        foreach (string name in names)
            _folder.Write(name, "");
        CocoWriter.Write(
            _folder["data.json"],
            names.Select(name => new AnnotatedPicture(name, Width, Height, [new Annotation(mask)])));
        return CocoDataset.Load(_folder["data.json"]);
    }

    private static RgbImage Read(string path) => Picture(NumberOf(path));

    private static int NumberOf(string path) => int.Parse(Path.GetFileNameWithoutExtension(path));

    /// <summary>A picture whose first byte is its number.</summary>
    private static RgbImage Picture(int number)
    {
        var picture = new RgbImage(Width, Height);
        new Random(number).NextBytes(picture.Pixels);
        picture.Pixels[0] = (byte)number;
        return picture;
    }
}
