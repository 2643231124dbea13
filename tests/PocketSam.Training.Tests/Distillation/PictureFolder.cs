using PocketSam.Training.Data;
using PocketSam.Training.Distillation;
using PocketSam.Training.Tests.Data;

namespace PocketSam.Training.Tests.Distillation;

/// <summary>
/// Pictures in no format at all, each a file that holds its seed, with a data set and a cache of embeddings; removed
/// afterwards. Pictures of even seeds are landscapes, the others portraits.
/// </summary>
internal sealed class PictureFolder : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public PictureFolder(int pictures, Sam? teacher = null, int inputSize = Distillations.Size)
    {
        var listed = new List<AnnotatedPicture>();
        var writer = new EmbeddingCacheWriter(Cache, teacher ?? Distillations.Teacher, inputSize);
        for (int seed = 0; seed < pictures; seed++)
        {
            string path = _folder.Write($"{seed}.picture", $"{seed}");
            RgbImage picture = Read(path);
            var mask = new BinaryMask(picture.Width, picture.Height);
            mask.Fill(new PixelBox(10, 5, 40, 40));
            listed.Add(new AnnotatedPicture($"{seed}.picture", picture.Width, picture.Height, [new Annotation(mask)]));
            using ImageEmbedding embedding = (teacher ?? Distillations.Teacher).Encode(picture, inputSize);
            writer.Add($"{seed}.picture", PictureKey.Hash(path), embedding);
        }

        writer.Flush();
        CocoWriter.Write(this["data.json"], listed);
    }

    public string Cache => this["cache"];

    public string this[string name] => _folder[name];

    public static RgbImage Read(string path)
    {
        int seed = int.Parse(File.ReadAllText(path), System.Globalization.CultureInfo.InvariantCulture);
        RgbImage picture = seed % 2 == 0 ? new(90, 50 + seed) : new(50 + seed, 90);
        new Random(seed).NextBytes(picture.Pixels);
        return picture;
    }

    /// <summary>The pictures with their marked masks.</summary>
    public PictureSet Marked() => PictureSet.Of(CocoDataset.Load(this["data.json"]));

    /// <summary>The pictures alone.</summary>
    public PictureSet Plain() => Marked() is var set ? set with { Pictures = [.. set.Pictures.Select(p => (p.Key, p.Path, (CocoImage?)null))] } : set;

    public CachedSource Open(EmbeddingCache cache, PictureSet? pictures = null)
        => CachedSource.Open([(pictures ?? Marked(), cache)], Read);

    public void Dispose() => _folder.Dispose();
}
