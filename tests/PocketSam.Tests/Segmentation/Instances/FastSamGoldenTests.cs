using System.Text.Json;
using PocketSam.Kernels.Ops;
using PocketSam.Models.Yolo;
using PocketSam.Segmentation.Instances;
using PocketSam.Tensors;
using PocketSam.Tests.Models;

namespace PocketSam.Tests.Segmentation.Instances;

/// <summary>FastSAM against outputs of ultralytics with made-up weights: the network, what is kept, masks and selection.</summary>
public sealed unsafe class FastSamGoldenTests
{
    /// <summary>Largest difference over the largest value: float32 sums in another order.</summary>
    private const float Tolerance = 2e-4f;

    /// <summary>Largest difference of an edge of a box, over the largest side of the input.</summary>
    private const float BoxTolerance = 2e-4f;

    /// <summary>Least IoU of a mask with the reference's, where no pixel lies at the threshold.</summary>
    private const double MaskIou = 0.999;

    /// <summary>Margins below which near-equal scores or overlaps may decide otherwise.</summary>
    private const double Margin = 1e-4;

    private const string ModelPrefix = "model.";

    public static TheoryData<string> Networks
        => ["tiny_160_a", "tiny_160_b", "tiny_640_a", "tiny_640_b_square", "tiny_1024_b", "s_640_a", "s_1024_b", "x_320_a"];

    public static TheoryData<string, string> Runs
    {
        get
        {
            var runs = new TheoryData<string, string>();
            foreach (string name in (string[])["tiny_160_a", "tiny_160_b", "tiny_640_a", "tiny_640_b_square", "tiny_1024_b", "s_640_a", "s_1024_b"])
            {
                runs.Add(name, "r4090");
                runs.Add(name, "r2570");
            }

            return runs;
        }
    }

    [Theory]
    [MemberData(nameof(Networks))]
    public void The_letterbox_has_the_same_bytes(string name)
    {
        using var golden = Case.Open(name);
        Letterbox letterbox = golden.Letterbox();
        JsonElement expected = golden.Json.GetProperty("letterbox");
        Assert.Equal(Ints(expected.GetProperty("resized")), [letterbox.ResizedWidth, letterbox.ResizedHeight]);
        Assert.Equal(Ints(expected.GetProperty("input")), [letterbox.InputWidth, letterbox.InputHeight]);
        Assert.Equal(
            new[] { "left", "top", "right", "bottom" }.Select(side => expected.GetProperty(side).GetInt32()),
            [letterbox.Left, letterbox.Top, letterbox.Right, letterbox.Bottom]);
        byte[] bytes = letterbox.Fill(golden.Picture);
        if (golden.Tensors.TryGetValue("letterbox", out StoredTensor? whole))
        {
            Assert.Equal(whole.ToBytes(), bytes);
            return;
        }

        float[] rows = new float[letterbox.InputHeight * 3], columns = new float[letterbox.InputWidth * 3];
        for (int i = 0; i < bytes.Length; i++)
        {
            rows[i / (3 * letterbox.InputWidth) * 3 + i % 3] += bytes[i];
            columns[i % (3 * letterbox.InputWidth)] += bytes[i];
        }

        Assert.Equal(golden.Tensors["letterbox.rowsums"].ToFloats(), rows);
        Assert.Equal(golden.Tensors["letterbox.columnsums"].ToFloats(), columns);
    }

    [Theory]
    [MemberData(nameof(Networks))]
    public void The_network_gives_the_same_numbers(string name)
    {
        using var golden = Case.Open(name);
        int compared = 0;
        using Tape tape = Tape.Inference();
        YoloOutput output = golden.Forward((key, map) =>
        {
            // A second convolution with a shortcut has its sum, which the bottleneck's own stage tells.
            if (golden.Tensors.TryGetValue($"stage.{ModelPrefix}{key}", out StoredTensor? stage) && !IsAddedTo(key))
            {
                AssertStage(key, stage.ToFloats(), map);
                compared++;
            }
        });

        // All but convolutions before their norm, DFL, and what enlarges and joins: those are not computed by themselves.
        int expected = golden.Tensors.Keys.Count(key => key.StartsWith("stage.", StringComparison.Ordinal)
            && !key.EndsWith(".conv", StringComparison.Ordinal) && !key.EndsWith(".dfl", StringComparison.Ordinal)
            && key["stage.model.".Length..] is not ("10" or "11" or "13" or "14" or "17" or "20") && !IsAddedTo(key["stage.model.".Length..]));
        Assert.Equal(expected, compared);

        int step = golden.Json.GetProperty("sample_step").GetInt32();
        AssertSample(golden, "boxlogits", output.Anchors, output.BoxLogits.Channels, 4 * step, (a, c) => output.BoxLogits.Data[a * output.BoxLogits.Stride + c]);
        AssertClose(
            golden.Tensors["classlogits.sample"].ToFloats(),
            [.. Enumerable.Range(0, output.Anchors).Where(a => a % step == 0).Select(a => output.ScoreLogit(a))]);
        AssertPrediction(golden, output, step);
        AssertPrototypes(golden, output);
    }

    [Theory]
    [MemberData(nameof(Runs))]
    public void The_same_boxes_are_kept(string name, string run)
    {
        using var golden = Case.Open(name);
        JsonElement expected = golden.Json.GetProperty("runs").GetProperty(run);
        using Tape tape = Tape.Inference();
        YoloOutput output = golden.Forward();
        Detection[] kept = [.. golden.Keep(output, expected)];
        int[] anchors = [.. Ints(expected.GetProperty("anchors"))];
        JsonElement margins = expected.GetProperty("margins");
        bool clear = margins.GetProperty("within_1e_4").GetInt32() == 0 && margins.GetProperty("score_to_conf").GetDouble() > Margin
            && margins.GetProperty("iou_to_threshold").GetDouble() > Margin
            && (margins.GetProperty("cut_gap").ValueKind == JsonValueKind.Null || margins.GetProperty("cut_gap").GetDouble() > Margin);
        int missing = anchors.Except(kept.Select(d => d.Anchor)).Count();
        Assert.Equal(anchors.Length, kept.Length);
        Assert.True(missing == 0 || (!clear && missing <= 2), $"{missing} anchors are missing");

        float[] boxes = golden.Tensors[$"{run}.boxes"].ToFloats(), scores = golden.Tensors[$"{run}.scores"].ToFloats();
        float[] picture = golden.Tensors[$"{run}.boxes.picture"].ToFloats(), published = golden.Tensors[$"{run}.boxes.published"].ToFloats();
        float[] current = golden.Tensors[$"{run}.boxes.current"].ToFloats();
        Letterbox letterbox = golden.Letterbox();
        float tolerance = BoxTolerance * Math.Max(letterbox.InputWidth, letterbox.InputHeight);
        for (int i = 0; i < anchors.Length; i++)
        {
            Detection? found = Array.Find(kept, d => d.Anchor == anchors[i]) is { Score: > 0 } d ? d : null;
            if (found is not { } detection)
                continue;
            Assert.Equal(scores[i], detection.Score, Tolerance);
            AssertBox(boxes, i, detection.Box, tolerance);
            AssertBox(picture, i, new InstanceMasks(output, letterbox, MaskRule.Published, snaps: false).PictureBox(detection.Box), tolerance);
            AssertBox(published, i, new InstanceMasks(output, letterbox, MaskRule.Published).PictureBox(detection.Box), tolerance);
            AssertBox(current, i, new InstanceMasks(output, letterbox, MaskRule.Current).PictureBox(detection.Box), tolerance);
        }
    }

    [Theory]
    [MemberData(nameof(Runs))]
    public void Masks_are_the_same_by_each_rule(string name, string run)
    {
        using var golden = Case.Open(name);
        JsonElement expected = golden.Json.GetProperty("runs").GetProperty(run);
        using Tape tape = Tape.Inference();
        YoloOutput output = golden.Forward();
        List<Detection> kept = golden.Keep(output, expected);
        int[] anchors = [.. Ints(expected.GetProperty("anchors"))];
        foreach ((string rule, InstanceMasks masks) in new (string, InstanceMasks)[]
        {
            ("masks_published", new(output, golden.Letterbox(), MaskRule.Published)),
            ("masks_without_step", new(output, golden.Letterbox(), MaskRule.Published, snaps: false)),
            ("masks_8_0_120", new(output, golden.Letterbox(), MaskRule.Probability)),
            ("masks_current", new(output, golden.Letterbox(), MaskRule.Current)),
        })
        {
            if (!expected.TryGetProperty(rule, out JsonElement reference))
                continue;
            Dictionary<int, GeneratedMask> made = masks.Make(kept, TestContext.Current.CancellationToken)
                .Zip(kept).ToDictionary(pair => pair.Second.Anchor, pair => pair.First);
            int[] areas = [.. Ints(reference.GetProperty("areas"))];
            for (int i = 0; i < areas.Length; i++)
            {
                if (made.TryGetValue(anchors[i], out GeneratedMask? mask))
                    Assert.True(Math.Abs(mask.Area - areas[i]) <= Math.Max(4, (1 - MaskIou) * areas[i]), $"{rule} {i}: {mask.Area} pixels, {areas[i]} expected");
            }

            string[] runs = reference.TryGetProperty("rle", out JsonElement rle) ? [.. rle.EnumerateArray().Select(r => r.GetString()!)] : [];
            for (int i = 0; i < runs.Length; i++)
            {
                if (!made.TryGetValue(anchors[i], out GeneratedMask? mask) || areas[i] == 0)
                    continue;
                double iou = Rle.Iou(mask.Segmentation, Rle.FromCompressed(runs[i], golden.Picture.Height, golden.Picture.Width));
                int doubtful = reference.TryGetProperty("doubtful_pixels", out JsonElement pixels) ? pixels[i].GetInt32() : 1;
                Assert.True(iou >= MaskIou - 2.0 * doubtful / areas[i], $"{rule} {i}: IoU {iou} of {areas[i]} pixels");
            }
        }
    }

    [Theory]
    [InlineData("tiny_160_a")]
    [InlineData("s_640_a")]
    public void Prompts_select_the_same_masks(string name)
    {
        using var golden = Case.Open(name);
        JsonElement expected = golden.Json.GetProperty("runs").GetProperty("r4090");
        using Tape tape = Tape.Inference();
        YoloOutput output = golden.Forward();
        int[] anchors = [.. Ints(expected.GetProperty("anchors"))];
        Dictionary<int, Detection> kept = golden.Keep(output, expected).ToDictionary(d => d.Anchor);
        GeneratedMask[] masks = new InstanceMasks(output, golden.Letterbox(), MaskRule.Published)
            .Make([.. anchors.Select(anchor => kept[anchor])], TestContext.Current.CancellationToken);
        var result = new FastSamResult(golden.Picture.Width, golden.Picture.Height, masks);
        int? PlaceOf(GeneratedMask? mask) => mask is null ? null : Array.IndexOf(masks, mask);

        JsonElement prompts = expected.GetProperty("prompts");
        foreach (JsonElement prompt in prompts.GetProperty("box").EnumerateArray())
        {
            double[] box = [.. prompt.GetProperty("box").EnumerateArray().Select(v => v.GetDouble())];
            GeneratedMask? selected = result.Select(Prompt.Box(box[0], box[1], box[2], box[3]));
            double iou = FastSamResult.Iou(selected!, result.PixelsOf(new PromptBox(box[0], box[1], box[2], box[3])));
            Assert.Equal(prompt.GetProperty("iou").GetDouble(), iou, 1e-3);
            if (prompt.GetProperty("iou").GetDouble() - prompt.GetProperty("second").GetDouble() > 1e-3)
                Assert.Equal(prompt.GetProperty("mask").GetInt32(), PlaceOf(selected));
        }

        foreach (JsonElement prompt in prompts.GetProperty("points").EnumerateArray())
        {
            Prompt? asked = null;
            foreach (JsonElement point in prompt.GetProperty("points").EnumerateArray())
            {
                (double x, double y, bool on) = (point[0].GetDouble(), point[1].GetDouble(), point[2].GetInt32() == 1);
                asked = asked?.WithPoint(x, y, on) ?? Prompt.Point(x, y, on);
            }

            Assert.Equal(Place("confident"), PlaceOf(result.Select(asked!)));
            Assert.Equal(Place("smallest"), PlaceOf(result.Select(asked!, PointChoice.Smallest)));

            int? Place(string choice) => prompt.GetProperty(choice) is { ValueKind: JsonValueKind.Number } place ? place.GetInt32() : null;
        }
    }

    [Fact]
    public void The_public_way_gives_the_same_masks()
    {
        using var golden = Case.Open("tiny_160_a");
        FastSam fast = FastSam.Load(GoldenFiles.Require("fastsam/tiny_2023.pt"));
        FastSamResult found = fast.Segment(golden.Picture, new FastSamOptions { ImageSize = 160 }, cancellation: TestContext.Current.CancellationToken);
        JsonElement expected = golden.Json.GetProperty("runs").GetProperty("r4090");
        Assert.Equal(Ints(expected.GetProperty("masks_published").GetProperty("areas")), found.Masks.Select(mask => mask.Area));
        Assert.Equal(("YOLOv8-seg of one class", 173_067, 8), (fast.Architecture, fast.Parameters, fast.RegMax));

        FastSamResult current = fast.Segment(
            golden.Picture, new FastSamOptions { ImageSize = 160, MaskRule = MaskRule.Current, Confidence = 0.25f, BoxNmsThresh = 0.7f },
            cancellation: TestContext.Current.CancellationToken);
        Assert.Equal(
            golden.Json.GetProperty("runs").GetProperty("r2570").GetProperty("masks_current").GetProperty("nonempty").GetInt32(),
            current.Masks.Count);
    }

    [Theory]
    [InlineData("s", 11_790_483, 51.1, 20.0)]
    [InlineData("x", 72_234_149, 420, 164)]
    public void Sizes_are_those_of_the_released_models(string model, long parameters, double gmac1024, double gmac640)
    {
        YoloSegmenter network = YoloSegmenter.Create(model == "s" ? YoloConfig.FastSamS : YoloConfig.FastSamX, 1);
        Assert.Equal("FastSAM-" + model, network.Config.Name);
        Assert.Equal(parameters, network.Parameters);
        // Enlarging behind the 1x1 convolutions saves some of the published count.
        Assert.InRange(network.MultiplyAdds(1024, 1024) / 1e9, 0.95 * gmac1024, 1.02 * gmac1024);
        Assert.InRange(network.MultiplyAdds(640, 640) / 1e9, 0.95 * gmac640, 1.02 * gmac640);
    }

    private static bool IsAddedTo(string key)
        => key.EndsWith(".cv2", StringComparison.Ordinal) && key.Contains(".m.", StringComparison.Ordinal) && key.Split('.')[0] is "2" or "4" or "6" or "8";

    private static IEnumerable<int> Ints(JsonElement array) => array.EnumerateArray().Select(v => v.GetInt32());

    private static void AssertBox(float[] expected, int row, EdgeBox box, float tolerance)
    {
        float[] edges = [box.Left, box.Top, box.Right, box.Bottom];
        for (int i = 0; i < 4; i++)
            Assert.Equal(expected[4 * row + i], edges[i], tolerance);
    }

    private static void AssertStage(string key, float[] expected, FeatureMap map)
    {
        double sum = 0, squares = 0, largest = 0;
        for (int pixel = 0; pixel < map.Pixels; pixel++)
        {
            for (int c = 0; c < map.Channels; c++)
            {
                double value = map.Data[(nint)pixel * map.Stride + c];
                (sum, squares, largest) = (sum + value, squares + value * value, Math.Max(largest, Math.Abs(value)));
            }
        }

        double count = (double)map.Pixels * map.Channels, mean = sum / count;
        float tolerance = Tolerance * expected[2];
        Assert.Equal(expected[0], mean, tolerance);
        Assert.Equal(expected[1], Math.Sqrt(squares / count - mean * mean), tolerance + expected[1] / count);
        Assert.Equal(expected[2], largest, tolerance);
        for (int i = 0; i < expected.Length - 3 && i < count; i++)
        {
            float actual = map.Data[(nint)(i % map.Pixels) * map.Stride + i / map.Pixels];
            Assert.True(Math.Abs(expected[3 + i] - actual) <= tolerance, $"{key} {i}: {actual} where {expected[3 + i]} is expected");
        }
    }

    private static void AssertSample(Case golden, string name, int anchors, int channels, int step, Func<int, int, float> value)
    {
        int count = (anchors + step - 1) / step;
        float[] sample = [.. Enumerable.Range(0, channels).SelectMany(c => Enumerable.Range(0, count).Select(i => value(i * step, c)))];
        AssertClose(golden.Tensors[$"{name}.sample"].ToFloats(), sample);
        float[] sums = golden.Tensors[$"{name}.sum"].ToFloats();
        for (int c = 0; c < channels; c++)
        {
            double sum = Enumerable.Range(0, anchors).Sum(a => (double)value(a, c));
            double size = Enumerable.Range(0, anchors).Max(a => Math.Abs(value(a, c)));
            Assert.Equal(sums[c], sum, Tolerance * size * anchors);
        }
    }

    private static void AssertPrediction(Case golden, YoloOutput output, int step)
    {
        float[][] rows = [.. Enumerable.Range(0, output.Anchors).Select(a =>
        {
            (float x, float y, float width, float height) = output.Box(a);
            return (float[])[x, y, width, height, output.Score(a), .. output.CoefficientsOf(a)];
        })];
        AssertSample(golden, "pred", output.Anchors, rows[0].Length, step, (a, c) => rows[a][c]);
    }

    private static void AssertPrototypes(Case golden, YoloOutput output)
    {
        FeatureMap map = output.Prototypes;
        Assert.Equal(Ints(golden.Json.GetProperty("proto_shape")), [map.Channels, map.Height, map.Width]);
        int step = golden.Json.GetProperty("proto_step").GetInt32(), all = map.Channels * map.Pixels;
        AssertClose(
            golden.Tensors["proto.sample"].ToFloats(),
            [.. Enumerable.Range(0, (all + step - 1) / step).Select(i => map.Data[(nint)(i * step % map.Pixels) * map.Stride + i * step / map.Pixels])]);
        float[] sums = golden.Tensors["proto.sum"].ToFloats();
        for (int c = 0; c < map.Channels; c++)
        {
            double sum = Enumerable.Range(0, map.Pixels).Sum(p => (double)map.Data[(nint)p * map.Stride + c]);
            double size = Enumerable.Range(0, map.Pixels).Max(p => Math.Abs(map.Data[(nint)p * map.Stride + c]));
            Assert.Equal(sums[c], sum, Tolerance * size * map.Pixels);
        }
    }

    private static void AssertClose(float[] expected, float[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        float tolerance = Tolerance * expected.Max(MathF.Abs);
        for (int i = 0; i < expected.Length; i++)
            Assert.True(MathF.Abs(expected[i] - actual[i]) <= tolerance, $"{i}: {actual[i]} where {expected[i]} is expected");
    }

    /// <summary>One case of the golden files.</summary>
    private sealed class Case : IDisposable
    {
        private readonly JsonDocument _json;
        private readonly string _name;

        private Case(string name, JsonDocument json, IReadOnlyDictionary<string, StoredTensor> tensors, RgbImage picture)
            => (_name, _json, Tensors, Picture) = (name, json, tensors, picture);

        public JsonElement Json => _json.RootElement;

        public IReadOnlyDictionary<string, StoredTensor> Tensors { get; }

        public RgbImage Picture { get; }

        public static Case Open(string name)
        {
            JsonDocument json = JsonDocument.Parse(File.ReadAllBytes(GoldenFiles.Require($"fastsam/{name}.json")));
            Checkpoint pictures = GoldenFiles.Read("fastsam/pictures");
            return new Case(
                name, json, GoldenFiles.Read("fastsam/" + name).Tensors,
                GoldenFiles.Image(pictures.Tensors[json.RootElement.GetProperty("picture").GetString()!]));
        }

        public Letterbox Letterbox() => PocketSam.Segmentation.Instances.Letterbox.For(
            Picture.Width, Picture.Height, Json.GetProperty("imgsz").GetInt32(), Json.GetProperty("square").GetBoolean());

        public YoloOutput Forward(Action<string, FeatureMap>? observe = null)
            => FastSam.Over(MadeUpYolo.OfCase(_name)).Forward(Letterbox(), Picture, null, observe, TestContext.Current.CancellationToken);

        public List<Detection> Keep(YoloOutput output, JsonElement run) => DetectionSearch.Run(
            output, run.GetProperty("conf").GetSingle(), run.GetProperty("iou").GetSingle(), Json.GetProperty("max_det").GetInt32(),
            TestContext.Current.CancellationToken);

        public void Dispose() => _json.Dispose();
    }
}
