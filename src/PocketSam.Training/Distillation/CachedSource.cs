using System.Globalization;
using PocketSam.Kernels.Image;
using PocketSam.Models;
using PocketSam.Training.Data;
using PocketSam.Training.Data.Effects;

namespace PocketSam.Training.Distillation;

/// <summary>
/// Whole pictures in epochs, each once per epoch in random order, with the teacher's embeddings from a cache. The
/// teacher does not run, and there is no augmentation (MobileSAM).
/// </summary>
public sealed class CachedSource : DistillationSource
{
    private readonly Entry[] _entries;
    private readonly PictureReader _reader;
    private readonly UsablePictures _usable;
    private readonly Lock _gate = new();
    private (ulong Seed, ulong Epoch, int[] Order)? _order;

    private CachedSource(Entry[] entries, PictureReader reader, PictureFailures? failures, string description)
    {
        (_entries, _reader) = (entries, reader);
        HasMasks = entries.Any(entry => entry.HasMasks);
        AllHaveMasks = entries.All(entry => entry.HasMasks);
        Description = description;
        _usable = new UsablePictures(description, number => entries[number].Path, failures);
    }

    /// <inheritdoc/>
    public override string Description { get; }

    /// <inheritdoc/>
    public override bool HasMasks { get; }

    /// <inheritdoc/>
    public override bool AllHaveMasks { get; }

    /// <summary>Number of pictures per epoch.</summary>
    public int Count => _entries.Length;

    /// <summary>Creates a source from pictures and their embeddings.</summary>
    /// <param name="sets">The pictures, each set with the cache that <c>embed --cache</c> has made from it.</param>
    /// <param name="reader">Decodes pictures.</param>
    /// <param name="failures">Collects pictures that are missing, have no embedding or cannot be read; null to fail at
    /// the first.</param>
    /// <exception cref="DataFormatException">Pictures are missing or have no embedding; the message has their
    /// number.</exception>
    public static CachedSource Open(
        IReadOnlyList<(PictureSet Pictures, EmbeddingCache Cache)> sets, PictureReader reader, PictureFailures? failures = null)
    {
        ArgumentNullException.ThrowIfNull(sets);
        ArgumentNullException.ThrowIfNull(reader);
        var entries = new List<Entry>();
        foreach ((PictureSet pictures, EmbeddingCache cache) in sets)
        {
            Entry[] found = [.. pictures.Pictures.Select(p => new Entry(p.Key, p.Path, p.Image, cache))];
            if (failures is not null)
                found = [.. found.Where(entry => IsUsable(entry, failures))];
            Refuse(found, e => !File.Exists(e.Path), pictures.Name, "missing", "bring them back, or take them out of the data");
            Refuse(
                found, e => !cache.Embeddings.ContainsKey(e.Key), pictures.Name, $"without an embedding in {cache.Folder}",
                (cache.Torn.Count > 0 ? $"torn: {cache.Torn[0]}; " : "") + "embed --cache adds them");
            entries.AddRange(found);
        }

        if (entries.Count == 0 && failures?.Messages is [var first, ..])
            throw new DataFormatException(first);
        if (entries.Count == 0)
            throw new ArgumentException("distillation needs at least one picture");
        return new CachedSource(
            [.. entries], reader, failures,
            string.Create(
                CultureInfo.InvariantCulture,
                $"cached {string.Join(' ', sets.Select(s => $"{s.Pictures.Name}={s.Pictures.Pictures.Count}"))}"));
    }

    internal override void Check(SamModel teacher, string fingerprint, int teacherSize)
    {
        foreach (EmbeddingCache cache in _entries.Select(e => e.Cache).Distinct())
        {
            if (cache.DifferenceFrom(fingerprint, teacherSize) is { } difference)
                throw new DataFormatException(cache.Folder, difference);
        }
    }

    internal override DistillationSample Make(
        ulong seed, ulong number, int size, int teacherSize, int masks, int sideMultiple)
    {
        int[] order = Order(seed, number / (ulong)_entries.Length);
        return _usable.Draw(
            UsablePictures.Cycle(order.Length, number).Select(i => order[i]),
            place => Make(_entries[place], seed, number, size, masks, sideMultiple));
    }

    private DistillationSample Make(Entry entry, ulong seed, ulong number, int size, int masks, int sideMultiple)
    {
        entry.Cache.Verify(entry.Key, entry.Path);
        float[] embedding = new float[entry.Cache.Side * entry.Cache.Side * entry.Cache.Channels];
        entry.Cache.Read(entry.Key, embedding);
        RgbImage picture = entry.Image?.ReadPicture(_reader) ?? _reader(entry.Path);
        var geometry = ImageGeometry.For(picture.Width, picture.Height, size, sideMultiple);
        BinaryMask[] marked = [];
        if (entry.Image is { } image)
        {
            var resampler = new CropResampler(
                picture.Width, picture.Height, new CropWindow(0, 0, picture.Width, picture.Height, Flip: false),
                geometry.ResizedWidth, geometry.ResizedHeight);
            marked = [.. image.Annotations.Where(a => !a.IsCrowd).Select(a => resampler.Resize(a.Decode())).Where(m => m.Area > 0)];
        }

        TrainingSample sample = TrainingSample.From(
            new TrainingPicture(Resize(picture, geometry), marked), size, masks,
            RandomStream.Scramble(seed ^ RandomStream.Scramble(number)));
        return new DistillationSample(sample, null, embedding);
    }

    /// <summary>Resizes a picture as the encoder does.</summary>
    private static unsafe RgbImage Resize(RgbImage picture, ImageGeometry geometry)
    {
        byte[] pixels = new byte[geometry.ResizedWidth * geometry.ResizedHeight * 3];
        fixed (byte* source = picture.Pixels, target = pixels)
        {
            ResampleKernel.Run(
                source, picture.Width, picture.Height, target, geometry.ResizedWidth, geometry.ResizedHeight);
        }

        return new RgbImage(geometry.ResizedWidth, geometry.ResizedHeight, pixels);
    }

    private static bool IsUsable(Entry entry, PictureFailures failures)
    {
        string? reason = !File.Exists(entry.Path) ? "the picture is missing"
            : !entry.Cache.Embeddings.ContainsKey(entry.Key) ? $"the picture has no embedding in {entry.Cache.Folder}" : null;
        if (reason is not null)
            failures.Add(entry.Path, $"{entry.Path}: {reason}");
        return reason is null;
    }

    private static void Refuse(Entry[] all, Predicate<Entry> isWrong, string name, string what, string advice)
    {
        Entry[] wrong = Array.FindAll(all, isWrong);
        if (wrong.Length > 0)
            throw new DataFormatException(name, $"{wrong.Length} of {all.Length} pictures {what}, the first: {wrong[0].Key}; {advice}");
    }

    /// <summary>The order of the pictures in an epoch, as indices.</summary>
    private int[] Order(ulong seed, ulong epoch)
    {
        lock (_gate)
        {
            if (_order is { } known && known.Seed == seed && known.Epoch == epoch)
                return known.Order;
            var random = new RandomStream(RandomStream.Scramble(seed + RandomStream.Scramble(epoch)));
            int[] order = [.. Enumerable.Range(0, _entries.Length)];
            for (int i = 0; i < order.Length; i++)
            {
                int j = i + random.Below(order.Length - i);
                (order[i], order[j]) = (order[j], order[i]);
            }

            _order = (seed, epoch, order);
            return order;
        }
    }

    private sealed record Entry(string Key, string Path, CocoImage? Image, EmbeddingCache Cache)
    {
        public bool HasMasks => Image is { HasMasks: true };
    }
}
