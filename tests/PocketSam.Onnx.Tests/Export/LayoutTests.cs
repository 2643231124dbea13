using Microsoft.ML.OnnxRuntime.Tensors;
using PocketSam.Onnx;

namespace PocketSam.Tests.Onnx;

/// <summary>Each layout read by code that does what its readers publish, on pictures of the golden files.</summary>
public sealed class LayoutTests
{
    private const int Side = 1024;

    public static TheoryData<string> Pictures => ["vit_t_641x427", "vit_t_300x701"];

    /// <summary>
    /// X-AnyLabeling's segment_anything: RGB as floats, rank 3, at most 1024 a side; six inputs of the decoder; a point of label
    /// -1 at the end; one mask.
    /// </summary>
    [Theory]
    [MemberData(nameof(Pictures))]
    public void The_layout_of_samexporter_takes_pixels_and_gives_one_mask(string file)
    {
        var golden = new GoldenPicture(file);
        OnnxPair pair = ExportedModels.Export(file, new OnnxExportOptions { Layout = OnnxLayout.SamExporter });
        using OrtFile encoder = new(pair.Encoder), decoder = new(pair.Decoder);
        RgbImage resized = golden.Resized;
        Assert.Equal("input_image", Assert.Single(encoder.Session.InputMetadata).Key);
        float[] embedding =
        [
            .. encoder.Run(("input_image", resized.Pixels.ToArray().Select(p => (float)p).ToArray(), [resized.Height, resized.Width, 3]))
                ["image_embeddings"],
        ];
        float[] expected = golden.Embedding;
        GoldenExportTests.AssertClose(embedding, expected, GoldenExportTests.EmbeddingTolerance * expected.Max(MathF.Abs));

        (float[] coordinates, float[] labels) = golden.Prompt("point");
        Dictionary<string, DenseTensor<float>> results = decoder.Run(
            ("image_embeddings", embedding, [1, 256, 64, 64]), ("point_coords", coordinates, [1, labels.Length, 2]),
            ("point_labels", labels, [1, labels.Length]), ("mask_input", new float[256 * 256], [1, 1, 256, 256]),
            ("has_mask_input", new float[1], [1]), ("orig_im_size", new float[] { golden.Image.Height, golden.Image.Width }, [2]));
        float[] iou = golden.Iou("point");
        int best = Array.IndexOf(iou, iou.Max()), area = 256 * 256;
        Assert.Equal([1, 1, golden.Image.Height, golden.Image.Width], results["masks"].Dimensions.ToArray());
        GoldenExportTests.AssertClose([.. results["iou_predictions"]], [iou[best]], GoldenExportTests.LogitTolerance);
        GoldenExportTests.AssertClose(
            [.. results["low_res_masks"]], golden.Low("point")[(best * area)..((best + 1) * area)], GoldenExportTests.LogitTolerance);
        GoldenExportTests.AssertMask(golden.Mask("point", best), results["masks"].Buffer.Span);
    }

    /// <summary>select_masks of segment_anything/utils/onnx.py: more than two points, the padding included, take mask 0.</summary>
    [Theory]
    [InlineData("points", false)]
    [InlineData("point_single", true)]
    [InlineData("box_point", false)]
    public void One_mask_of_all_is_chosen_by_the_number_of_points(string name, bool isOfSeveral)
    {
        var golden = new GoldenPicture("vit_t_641x427");
        using OrtFile all = new(ExportedModels.Export("vit_t").Decoder);
        using OrtFile single = new(ExportedModels.Export("vit_t", new OnnxExportOptions { SingleMask = true }).Decoder);
        (float[] coordinates, float[] labels) = golden.Prompt(name);
        (string, object, int[])[] inputs =
        [
            ("image_embeddings", golden.Embedding, [1, 256, 64, 64]), ("point_coords", coordinates, [1, labels.Length, 2]),
            ("point_labels", labels, [1, labels.Length]), ("mask_input", new float[256 * 256], [1, 1, 256, 256]),
            ("has_mask_input", new float[1], [1]), ("orig_im_size", new float[] { 427, 641 }, [2]),
        ];
        float[] scores = [.. all.Run(inputs)["iou_predictions"]];
        int expected = isOfSeveral ? 1 + Array.IndexOf(scores[1..], scores[1..].Max()) : 0;
        Assert.Equal(scores[expected], Assert.Single(single.Run(inputs)["iou_predictions"]), 1e-5f);
    }

    /// <summary>
    /// transformers.js's SamModel: normalised planes; embedding and positions go on; points [1, objects, points, 2] without
    /// padding and labels of 64 bits; three masks of 256 x 256, which the reader enlarges.
    /// </summary>
    [Theory]
    [MemberData(nameof(Pictures))]
    public void The_layout_of_transformers_takes_points_and_gives_three_masks(string file)
    {
        var golden = new GoldenPicture(file);
        OnnxPair pair = ExportedModels.Export(file, new OnnxExportOptions { Layout = OnnxLayout.Transformers });
        Assert.Equal("vision_encoder.onnx", Path.GetFileName(pair.Encoder));
        Assert.All(pair.Files, path => Assert.True(File.Exists(path)));
        using OrtFile encoder = new(pair.Encoder), decoder = new(pair.Decoder);
        Dictionary<string, DenseTensor<float>> image = encoder.Run(("pixel_values", golden.Planes(), [1, 3, Side, Side]));
        Assert.Equal([1, 256, 64, 64], image["image_positional_embeddings"].Dimensions.ToArray());
        (float[] coordinates, float[] labels) = golden.Prompt("points", isPadded: false);

        // The same object twice, and in between one whose third point is told to be ignored.
        int points = labels.Length;
        float[] thrice = [.. coordinates, .. coordinates, .. coordinates];
        long[] meanings = [.. labels.Select(l => (long)l), .. labels.Select(l => (long)l), .. labels.Select(l => (long)l)];
        meanings[2 * points - 1] = -10;
        Dictionary<string, DenseTensor<float>> results = decoder.Run(
            ("image_positional_embeddings", image["image_positional_embeddings"].ToArray(), [1, 256, 64, 64]),
            ("image_embeddings", image["image_embeddings"].ToArray(), [1, 256, 64, 64]),
            ("input_points", thrice, [1, 3, points, 2]), ("input_labels", meanings, [1, 3, points]));
        Assert.Equal([1, 3, 3, 256, 256], results["pred_masks"].Dimensions.ToArray());
        float[] scores = [.. results["iou_scores"]], masks = [.. results["pred_masks"]];
        int size = 3 * 256 * 256;
        foreach (int item in new[] { 0, 2 })
        {
            GoldenExportTests.AssertClose(scores[(3 * item)..(3 * item + 3)], golden.Iou("points"), GoldenExportTests.LogitTolerance);
            GoldenExportTests.AssertClose(masks[(item * size)..((item + 1) * size)], golden.Low("points"), GoldenExportTests.LogitTolerance);
        }

        Assert.NotEqual(scores[..3], scores[3..6]);
    }

    [Fact]
    public void The_form_of_low_resolution_takes_no_size()
    {
        var golden = new GoldenPicture("vit_t_641x427");
        using OrtFile decoder = new(ExportedModels.Export("vit_t", new OnnxExportOptions { LowResolution = true }).Decoder);
        (float[] coordinates, float[] labels) = golden.Prompt("box_point");
        Dictionary<string, DenseTensor<float>> results = decoder.Run(
            ("image_embeddings", golden.Embedding, [1, 256, 64, 64]), ("point_coords", coordinates, [1, labels.Length, 2]),
            ("point_labels", labels, [1, labels.Length]), ("mask_input", new float[256 * 256], [1, 1, 256, 256]),
            ("has_mask_input", new float[1], [1]));
        Assert.Equal(["iou_predictions", "low_res_masks"], results.Keys.Order());
        GoldenExportTests.AssertMasks(golden, "box_point", results["low_res_masks"], results["iou_predictions"], null);
    }

    [Fact]
    public void Sixty_four_objects_in_one_call_are_equal_to_sixty_four_calls()
    {
        const int Objects = 64, Points = 3, Side = 8, MaskSide = 32, Channels = 32;
        using OrtFile decoder = new(ExportedModels.Export("nano").Decoder);
        float[] features = Values(1, Channels * Side * Side), coordinates = Values(2, Objects * Points * 2), masks = Values(3, Objects * MaskSide * MaskSide);
        float[] labels = [.. Enumerable.Range(0, Objects * Points).Select(i => (float)(i * 7 % 5 - 1))];
        float[] hasMask = [.. Enumerable.Range(0, Objects).Select(i => (float)(i % 2))];
        for (int i = 0; i < coordinates.Length; i++)
            coordinates[i] = 64 + 60 * coordinates[i];

        Dictionary<string, DenseTensor<float>> together = Run(0, Objects);
        foreach (string name in new[] { "masks", "low_res_masks", "iou_predictions" })
        {
            float[] whole = [.. together[name]];
            int size = whole.Length / Objects;
            for (int i = 0; i < Objects; i++)
                GoldenExportTests.AssertClose([.. Run(i, 1)[name]], whole[(i * size)..((i + 1) * size)], 1e-4f);
        }

        Dictionary<string, DenseTensor<float>> Run(int first, int count) => decoder.Run(
            ("image_embeddings", features, [1, Channels, Side, Side]),
            ("point_coords", coordinates[(first * Points * 2)..((first + count) * Points * 2)], [count, Points, 2]),
            ("point_labels", labels[(first * Points)..((first + count) * Points)], [count, Points]),
            ("mask_input", masks[(first * MaskSide * MaskSide)..((first + count) * MaskSide * MaskSide)], [count, 1, MaskSide, MaskSide]),
            ("has_mask_input", hasMask[first..(first + count)], [count]), ("orig_im_size", new float[] { 30, 50 }, [2]));
    }

    private static float[] Values(int seed, int count)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => random.NextSingle() * 2 - 1)];
    }
}
