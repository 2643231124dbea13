using System.Diagnostics;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using PocketSam.Imaging;
using PocketSam.Server.Api;
using PocketSam.Server.Endpoints;

namespace PocketSam.Server.Tests;

/// <summary>
/// Whatever a reader is given, what comes out is a value or an error that it documents, soon. Inputs are sound ones with some
/// bytes changed, moved or missing; there are 200,000 in all, the same each time.
/// </summary>
[Trait("Category", "Slow")]
public sealed class MutatedInputTests : IDisposable
{
    private const int Seed = 20261126;
    private const int Pictures = 60_000;
    private const int Checkpoints = 50_000;
    private const int Embeddings = 20_000;
    private const int DataSets = 30_000;
    private const int Requests = 40_000;
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(2);

    /// <summary>Inputs that are refused as they are.</summary>
    private static readonly string[] Refused = ["animated.webp", "module.pt"];

    /// <summary>The picture that requests are of.</summary>
    private static readonly ImageGeometry Geometry = ImageGeometry.For(90, 60, 64);

    private readonly string _folder = Directory.CreateTempSubdirectory("pocketsam").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void OfPictures()
    {
        byte[][] sound = [.. Inputs("*.jpg"), .. Inputs("*.png"), .. Inputs("*.webp"), Gif, Bmp, Tiff];
        Run(sound, Pictures, bytes => ImageFile.Decode(bytes, "picture", maxPixels: 250_000), e => e is ImageFormatException);
    }

    [Fact]
    public void OfCheckpoints()
    {
        string path = Path.Combine(_folder, "sound.safetensors");
        Safetensors.Write(path, [new("a.weight", StoredTensor.FromFloats([1, 2, 3, 4], [2, 2])), new("b", StoredTensor.FromFloats([5], [1]))]);
        byte[][] sound = [File.ReadAllBytes(path), .. Inputs("*.pt*")];
        RunFiles(sound, Checkpoints, file =>
        {
            using Checkpoint checkpoint = CheckpointFile.Read(file);
            foreach (StoredTensor tensor in checkpoint.Tensors.Values)
                tensor.ToFloats();
        }, e => e is CheckpointFormatException);
    }

    [Fact]
    public void OfEmbeddings()
    {
        string path = Path.Combine(_folder, "sound.safetensors");
        using (ImageEmbedding embedding = Service.Model.Encode(Service.Picture, 64))
            embedding.Save(path);
        RunFiles([File.ReadAllBytes(path)], Embeddings, file => ImageEmbedding.Load(file).Dispose(), e => e is CheckpointFormatException);
    }

    [Fact]
    public void OfDataSets()
    {
        string coco = $$"""
            {"images":[{"id":1,"file_name":"a.png","width":20,"height":10}],"categories":[{"id":3,"name":"cat"}],
            "annotations":[{"id":1,"image_id":1,"category_id":3,"segmentation":[[1,1,8,1,8.5,6,1,6]],"iscrowd":0},
            {"id":2,"image_id":1,"category_id":3,"segmentation":{"size":[10,20],"counts":[0,30,170]},"iscrowd":1},
            {"id":3,"image_id":1,"category_id":3,"segmentation":{"size":[10,20],"counts":{{Compressed(10, 20)}} } }]}
            """;
        RunFiles([Encoding.UTF8.GetBytes(coco)], DataSets, file =>
        {
            foreach (CocoImage image in CocoDataset.Load(file).Images.Where(image => image.Width * image.Height < 1_000_000))
            {
                foreach (CocoAnnotation annotation in image.Annotations)
                    annotation.Decode();
            }
        }, e => e is DataFormatException);
    }

    [Fact]
    public void OfRequests()
    {
        var options = new PocketSamOptions();
        Run<PredictRequest>(
            """{"format":"png","objects":[{"points":[{"x":1.5,"y":2,"label":0}],"box":[1,2,30,40],"multimask":true,"min_region":0.01,"zoom":true},{"mask":{"size":[60,90],"counts":[0,30,5370]}}]}""",
            JsonBody.Types.PredictRequest,
            request =>
            {
                foreach (RequestedObject requested in RequestedObject.Read(request.Objects, Geometry, options))
                    requested.ToPrompt();
            });
        Run<ExportRequest>(
            $$"""{"format":"svg","objects":[{"rle":{"size":[60,90],"counts":{{Compressed(60, 90)}} },"name":"a","color":"#ff0011","predicted_iou":0.5},{"rle":{"size":[60,90],"counts":[0,30,5370]} }],"classes":["a","object"]}""",
            JsonBody.Types.ExportRequest, request => request.Objects.Where(one => one is not null).Sum(one => one.Rle.CountCorners()));
        Run<EverythingRequest>(
            """{"mode":"dense","points_per_side":32,"pred_iou_thresh":0.5,"min_area":3,"min_region":0.01}""",
            JsonBody.Types.EverythingRequest, _ => { });
        Run<Rle>(
            """{"size":[60,90],"counts":[0,30,5,3,5362]}""", JsonBody.Types.Rle,
            mask =>
            {
                if ((long)mask.Width * mask.Height < 1_000_000)
                    mask.RemoveSmallRegions(0.1).ToPolygons(2);
            });

        static void Run<T>(string json, JsonTypeInfo<T> type, Action<T> use) where T : class
            => MutatedInputTests.Run(
                [Encoding.UTF8.GetBytes(json)], Requests / 4,
                bytes =>
                {
                    if (JsonSerializer.Deserialize(bytes, type) is { } value)
                        use(value);
                },
                e => e is JsonException || Problems.Explain(e) is { Status: >= 400 and < 500 });
    }

    /// <summary>A picture of 1x1, of 2x2 at 24 bits, of 2x2 greyscale.</summary>
    private static byte[] Gif => Convert.FromBase64String("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7");

    /// <summary>A mask of 30 pixels as a JSON string.</summary>
    private static string Compressed(int height, int width)
        => JsonSerializer.Serialize(Rle.FromCounts([0, 30, (height * width) - 30], height, width).ToCompressed());

    private static byte[] Bmp =>
    [
        .. "BM"u8, 70, 0, 0, 0, 0, 0, 0, 0, 54, 0, 0, 0, 40, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 1, 0, 24, 0, 0, 0, 0, 0, 16, 0, 0, 0,
        .. new byte[16], 1, 2, 3, 4, 5, 6, 0, 0, 7, 8, 9, 10, 11, 12, 0, 0,
    ];

    private static byte[] Tiff =>
    [
        .. "II*\0"u8, 8, 0, 0, 0, 8, 0,
        .. Entry(256, 2), .. Entry(257, 2), .. Entry(258, 8), .. Entry(259, 1), .. Entry(262, 1), .. Entry(273, 110), .. Entry(278, 2),
        .. Entry(279, 4), 0, 0, 0, 0, 10, 20, 30, 40,
    ];

    private static byte[] Entry(int tag, int value) => [(byte)tag, (byte)(tag >> 8), 3, 0, 1, 0, 0, 0, (byte)value, (byte)(value >> 8), 0, 0];

    private static IEnumerable<byte[]> Inputs(string pattern)
        => Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "Inputs"), pattern)
            .Where(path => !Refused.Contains(Path.GetFileName(path))).Order(StringComparer.Ordinal).Select(File.ReadAllBytes);

    private void RunFiles(byte[][] sound, int count, Action<string> read, Func<Exception, bool> isDocumented)
    {
        string path = Path.Combine(_folder, "mutated");
        Run(
            sound, count,
            bytes =>
            {
                File.WriteAllBytes(path, bytes);
                read(path);
            },
            isDocumented);
    }

    private static void Run(byte[][] sound, int count, Action<byte[]> read, Func<Exception, bool> isDocumented)
    {
        foreach (byte[] input in sound)
            read(input);
        var random = new Random(Seed);
        for (int i = 0; i < count; i++)
        {
            byte[] input = Mutate(sound[i % sound.Length], random);

            // A machine that is busy with something else may need a second attempt.
            if (Time(input, read, isDocumented, i) > Soon)
                Assert.True(Time(input, read, isDocumented, i) <= Soon, $"input {i} takes too long: {Convert.ToHexString(input)}");
        }
    }

    private static TimeSpan Time(byte[] input, Action<byte[]> read, Func<Exception, bool> isDocumented, int number)
    {
        long start = Stopwatch.GetTimestamp();
        try
        {
            read(input);
        }
        catch (Exception e)
        {
            Assert.True(isDocumented(e), $"input {number}: {e}\n{Convert.ToHexString(input)}");
        }

        return Stopwatch.GetElapsedTime(start);
    }

    private static byte[] Mutate(byte[] sound, Random random)
    {
        List<byte> bytes = [.. sound];
        for (int changes = 1 + random.Next(6); changes > 0 && bytes.Count > 0; changes--)
        {
            int at = random.Next(bytes.Count), length = Math.Min(1 + random.Next(8), bytes.Count - at);
            switch (random.Next(6))
            {
                case 0:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 2:
                    bytes.RemoveRange(at, length);
                    break;
                case 3:
                    bytes.InsertRange(random.Next(bytes.Count), bytes.GetRange(at, length));
                    break;
                case 4:
                    bytes[at] = random.Next(2) == 0 ? byte.MaxValue : (byte)"0123456789{}[],:\"-.e"[random.Next(20)];
                    break;
                default:
                    if (random.Next(20) == 0)
                        bytes.RemoveRange(at, bytes.Count - at);
                    break;
            }
        }

        return [.. bytes];
    }
}
