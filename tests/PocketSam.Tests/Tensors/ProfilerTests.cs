using System.Diagnostics;
using PocketSam.Models;
using PocketSam.Tensors;
using PocketSam.Tests.Models;

namespace PocketSam.Tests.Tensors;

/// <summary>Time and multiply-adds of a forward pass, by layer.</summary>
[Collection(ThreadCounts.Name)]
public sealed class ProfilerTests
{
    /// <summary>Share of an encode that lies in its ops; the rest is memory, and what finds the ops.</summary>
    private const double LeastShare = 0.95;

    /// <summary>Encodes of which the one that was least disturbed counts.</summary>
    private const int Encodes = 30;

    [Fact]
    public void Ops_add_up_to_the_encode()
    {
        Sam sam = Sam.Over(MadeUpWeights.Create(ModelZoo.Nano));
        var image = new RgbImage(300, 200);
        sam.Encode(image, 256).Dispose();
        var profiler = new Profiler();
        double best = 0;
        for (int i = 0; i < Encodes; i++)
        {
            profiler.Clear();
            long start = Stopwatch.GetTimestamp();
            using (Tape.Inference(profiler))
                sam.Encode(image, 256).Dispose();
            double whole = Stopwatch.GetElapsedTime(start).TotalMilliseconds, ops = profiler.Ops.Sum(op => op.Milliseconds);
            Assert.InRange(ops, 0, whole);
            best = Math.Max(best, ops / whole);
        }

        Assert.InRange(best, LeastShare, 1);
    }

    public static TheoryData<string, int> Encoders => new() { { "nano", 64 }, { "pocket", 192 }, { "small_vit", 128 } };

    [Theory]
    [MemberData(nameof(Encoders))]
    public void Multiply_adds_of_the_ops_are_those_of_the_encoder(string name, int size)
    {
        SamConfig config = name == "small_vit"
            ? ImageEncoderViTTests.Small(size, window: 3, channels: 24, heads: 2) : ModelZoo.Find(name)!;
        SamModel model = MadeUpWeights.Create(config);
        var profiler = new Profiler();
        using Tape tape = Tape.Inference(profiler);
        model.ImageEncoder.Forward(Samples.Tensor(1, 1, size, size, 3));
        Assert.Equal(Flops.Encoder(config, size), profiler.Ops.Sum(op => op.MultiplyAdds));
        Assert.All(profiler.Ops, op => Assert.StartsWith("image_encoder", op.Layer, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(4)]
    public void Multiply_adds_of_the_ops_are_those_of_the_batched_decoder(int masks)
    {
        const int Side = 8, Prompts = 3, Tokens = 2;
        SamModel model = MadeUpWeights.Create(ModelZoo.Nano);
        BatchedMaskDecoder decoder = model.BatchedDecoder;
        PreparedImage image = decoder.Prepare(Samples.Tensor(1, 1, Side, Side, 32));
        var profiler = new Profiler();
        using Tape tape = Tape.Inference(profiler);
        DecodedPrompts decoded = decoder.Decode(image, BatchedMaskDecoderTests.Tokens(Prompts, Tokens, 16 * Side), Prompts, null);
        if (masks > 0)
            decoder.Upscale(decoded, BatchedMaskDecoderTests.Every(Prompts, masks));
        Assert.Equal(
            Prompts * Flops.BatchedDecoder(model.Config, 16 * Side, Tokens, masks),
            profiler.Ops.Sum(op => op.MultiplyAdds));
    }

    [Fact]
    public void Entering_a_layer_allocates_nothing()
    {
        using Tape tape = Tape.Inference();
        Tape.Enter("warm").Dispose();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
            Tape.Enter("layer").Dispose();
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public void Layers_nest_and_end()
    {
        var profiler = new Profiler();
        Tensor x = Samples.Tensor(1, 4, 8);
        using Tape tape = Tape.Inference(profiler);
        using (Tape.Enter("outer"))
        {
            using (Tape.Enter("outer.inner"))
            using (Tape.Inference())
                x.Gelu();
            x.Gelu();
        }

        x.Add(x);
        Assert.Equal(
            [("", "Add", 1), ("outer", "Gelu", 1), ("outer.inner", "Gelu", 1)],
            profiler.Ops.Select(op => (op.Layer, op.Op, op.Calls)).Order());
    }
}
