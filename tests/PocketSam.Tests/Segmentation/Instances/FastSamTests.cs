using PocketSam.Kernels;
using PocketSam.Models.Yolo;
using PocketSam.Tests.Models;

namespace PocketSam.Tests.Segmentation.Instances;

public sealed class FastSamTests
{
    private static readonly YoloConfig Small = new()
    {
        Widths = [8, 8, 16, 16, 24], ShortRepeats = 1, LongRepeats = 2, RegMax = 4, ProtoChannels = 8, MaskChannels = 8,
    };

    private static readonly FastSamOptions Options = new() { ImageSize = 96, Confidence = 0.3f, MaxMasks = 20 };

    [Fact]
    public void Any_number_of_threads_finds_the_same_masks()
    {
        FastSam fast = FastSam.Over(MadeUpYolo.OfCase("tiny"));
        FastSamResult one, two;
        using (Workers.Limit(1))
            one = fast.Segment(Noise(70, 50), Options, cancellation: TestContext.Current.CancellationToken);
        using (Workers.Limit(2))
            two = fast.Segment(Noise(70, 50), Options, cancellation: TestContext.Current.CancellationToken);
        Assert.NotEmpty(one.Masks);
        Assert.Equal(
            one.Masks.Select(mask => (mask.Segmentation.ToCompressed(), mask.PredictedIou, mask.StabilityScore)),
            two.Masks.Select(mask => (mask.Segmentation.ToCompressed(), mask.PredictedIou, mask.StabilityScore)));
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 3000)]
    [InlineData(3000, 1)]
    [InlineData(96, 96)]
    [InlineData(192, 192)]
    [InlineData(31, 97)]
    public void Pictures_of_any_shape_have_masks_of_their_size(int width, int height)
    {
        FastSam fast = FastSam.Over(YoloSegmenter.Create(Small, 1));
        foreach (MaskRule rule in Enum.GetValues<MaskRule>())
        {
            foreach (bool square in new[] { false, true })
            {
                FastSamResult found = fast.Segment(
                    Noise(width, height), Options with { MaskRule = rule, Square = square }, cancellation: TestContext.Current.CancellationToken);
                Assert.All(found.Masks, mask =>
                {
                    Assert.Equal((width, height), (mask.Segmentation.Width, mask.Segmentation.Height));
                    Assert.InRange(mask.Area, 1, width * height);
                    Assert.InRange(mask.StabilityScore, 0, 1);
                });
            }
        }
    }

    [Fact]
    public void Work_can_be_stopped_and_tells_how_far_it_is()
    {
        FastSam fast = FastSam.Over(YoloSegmenter.Create(Small, 1));
        using var stop = new CancellationTokenSource();
        var shares = new List<double>();
        Assert.Throws<OperationCanceledException>(() => fast.Segment(Noise(70, 50), Options, new Told(share =>
        {
            shares.Add(share);
            if (share > 0.5)
                stop.Cancel();
        }), stop.Token));
        Assert.InRange(shares[^1], 0.5, 0.9);
        fast.Segment(Noise(70, 50), Options, new Told(shares.Add), TestContext.Current.CancellationToken);
        Assert.Equal(1, shares[^1]);
    }

    [Fact]
    public void Options_out_of_range_are_named()
    {
        FastSam fast = FastSam.Over(YoloSegmenter.Create(Small, 1));
        foreach ((FastSamOptions options, string name) in new[]
        {
            (Options with { ImageSize = 100 }, "ImageSize is 100"), (Options with { ImageSize = 8192 }, "ImageSize is 8192"),
            (Options with { Confidence = float.NaN }, "Confidence is NaN"), (Options with { BoxNmsThresh = 1.5f }, "BoxNmsThresh is 1.5"),
            (Options with { MaxMasks = 0 }, "MaxMasks is 0"), (Options with { MaskRule = (MaskRule)9 }, "MaskRule is 9"),
        })
        {
            string message = Assert.Throws<ArgumentException>(
                () => fast.Segment(Noise(5, 5), options, cancellation: TestContext.Current.CancellationToken)).Message;
            Assert.StartsWith(name, message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Prompts_that_select_nothing_are_refused_or_answered_by_null()
    {
        var result = new FastSamResult(40, 30, []);
        Assert.Null(result.Select(Prompt.Point(3, 4)));
        Assert.Null(result.Select(Prompt.Box(0, 0, 10, 10)));
        Assert.Contains("no mask to start from", Refusal(Prompt.Mask(new MaskLogits(4, new float[16]))), StringComparison.Ordinal);
        Assert.Contains("a box or by points on the object", Refusal(Prompt.Point(1, 1, isForeground: false)), StringComparison.Ordinal);
        Assert.Contains("point 50,1: outside the picture of 40x30", Refusal(Prompt.Point(50, 1)), StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => result.Select(Prompt.Point(1, 1), (PointChoice)7));

        string Refusal(Prompt prompt) => Assert.Throws<PromptException>(() => result.Select(prompt)).Message;
    }

    [Fact]
    public void Other_checkpoints_are_refused_in_a_line()
    {
        using Checkpoint tiny = CheckpointFile.Read(GoldenFiles.Require("fastsam/tiny.safetensors"));
        Assert.True(FastSam.Recognizes(tiny));
        Assert.Contains("no FastSAM", Refusal(_ => { }, keep: false), StringComparison.Ordinal);
        Assert.Contains("a YOLOv8-seg of 80 classes", Refusal(t => t["22.cv3.0.2.weight"] = Zeros(80, 16, 1, 1)), StringComparison.Ordinal);
        Assert.Contains("tensor 9.cv1.conv.weight is missing", Refusal(t => t.Remove("9.cv1.conv.weight")), StringComparison.Ordinal);
        Assert.Contains("tensor 9.cv1.conv.weight: shape [1, 1, 1, 1]", Refusal(t => t["9.cv1.conv.weight"] = Zeros(1, 1, 1, 1)), StringComparison.Ordinal);
        Assert.Contains("not four sides", Refusal(t => t["22.cv2.0.2.weight"] = Zeros(30, 32, 1, 1)), StringComparison.Ordinal);
        Assert.Contains("is that of no convolution", Refusal(t => t["0.conv.weight"] = Zeros(5000, 3, 3, 3)), StringComparison.Ordinal);
        Assert.Contains("the first: surplus", Refusal(t => t["surplus"] = Zeros(1)), StringComparison.Ordinal);
        Assert.Contains("not finite", Refusal(t => t["0.bn.bias"] = StoredTensor.FromFloats([.. Enumerable.Repeat(float.NaN, 8)], [8])), StringComparison.Ordinal);

        string Refusal(Action<Dictionary<string, StoredTensor>> change, bool keep = true)
        {
            var tensors = keep ? new Dictionary<string, StoredTensor>(tiny.Tensors) : [];
            change(tensors);
            string message = Assert.Throws<CheckpointFormatException>(
                () => YoloSegmenter.FromCheckpoint(new Checkpoint("file", tensors, new Dictionary<string, string>()))).Message;
            Assert.DoesNotContain('\n', message);
            return message;
        }

        static StoredTensor Zeros(params int[] shape) => StoredTensor.FromFloats(new float[shape.Aggregate(1, (a, b) => a * b)], shape);
    }

    private static RgbImage Noise(int width, int height)
    {
        var image = new RgbImage(width, height);
        new Random(1).NextBytes(image.Pixels);
        return image;
    }

    private sealed class Told(Action<double> told) : IProgress<double>
    {
        public void Report(double value) => told(value);
    }
}
