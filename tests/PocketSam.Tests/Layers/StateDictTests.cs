using PocketSam.Layers;
using PocketSam.Tensors;

namespace PocketSam.Tests.Layers;

public sealed class StateDictTests
{
    [Fact]
    public void Layouts_put_channels_last_and_back()
    {
        // Stored values tell their own place.
        StateDict state = StateDict.FromCheckpoint(Checkpoint(
            ("conv.weight", [2, 3, 3, 3]), ("depth.weight", [4, 1, 3, 3]), ("up.weight", [3, 2, 2, 2])));
        Tensor conv = state.Root["conv"].Convolution(2, 3, 3, isProduct: false).Value;
        Tensor depthwise = state.Root["depth"].Depthwise(4, 3).Value;
        Tensor up = state.Root["up"].TransposedConvolution(3, 2).Value;

        Assert.Equal([2, 3, 3, 3], conv.Shape);
        Assert.Equal([3, 3, 4], depthwise.Shape);
        Assert.Equal([8, 3], up.Shape);
        for (int y = 0; y < 3; y++)
        {
            for (int x = 0; x < 3; x++)
            {
                for (int o = 0; o < 2; o++)
                    for (int i = 0; i < 3; i++)
                        Assert.Equal(((o * 3 + i) * 3 + y) * 3 + x, conv.Span[((o * 3 + y) * 3 + x) * 3 + i]);
                for (int c = 0; c < 4; c++)
                    Assert.Equal((c * 3 + y) * 3 + x, depthwise.Span[(y * 3 + x) * 4 + c]);
            }
        }

        for (int y = 0; y < 2; y++)
            for (int x = 0; x < 2; x++)
                for (int o = 0; o < 2; o++)
                    for (int i = 0; i < 3; i++)
                        Assert.Equal(((i * 2 + o) * 2 + y) * 2 + x, up.Span[((y * 2 + x) * 2 + o) * 3 + i]);

        foreach (StateEntry entry in state.Entries)
            Assert.Equal(Enumerable.Range(0, (int)entry.Weight.Value.Count).Select(i => (float)i), entry.ToStored());
    }

    [Fact]
    public void A_seed_gives_the_same_first_values()
    {
        Assert.Equal(First(7), First(7));
        Assert.NotEqual(First(7), First(8));

        static float[] First(int seed) => StateDict.FromSeed(seed).Root.Get(
            "w", Initializer.TruncatedNormal(), decays: true, 100).Value.Span.ToArray();
    }

    [Fact]
    public void First_values_follow_their_distribution()
    {
        const int Count = 40_000;
        const double Tolerance = 0.02; // of forty thousand values
        float[] constant = Values(new(InitializerKind.Constant, 3f)), uniform = Values(Initializer.FanIn(4));
        float[] normal = Values(Initializer.Normal(2f)), truncated = Values(Initializer.TruncatedNormal(0.5f));
        Assert.All(constant, v => Assert.Equal(3f, v));
        Assert.All(uniform, v => Assert.InRange(v, -0.5f, 0.5f));
        Assert.Equal(0.5 / Math.Sqrt(3), Deviation(uniform), Tolerance);
        Assert.Equal(2, Deviation(normal), 2 * Tolerance);
        Assert.All(truncated, v => Assert.InRange(v, -1f, 1f));
        Assert.Equal(0.5 * 0.8796, Deviation(truncated), Tolerance); // a normal cut at two deviations

        static float[] Values(Initializer initializer)
        {
            float[] values = new float[Count];
            initializer.Fill(values, new Random(1));
            return values;
        }

        static double Deviation(float[] values) => Math.Sqrt(values.Average(v => (double)v * v));
    }

    [Fact]
    public void Training_is_for_weights_not_for_statistics()
    {
        StateDict state = StateDict.FromSeed(1);
        Weight trained = state.Root.Get("w", Initializer.Ones, decays: true, 3);
        Weight statistic = state.Root.Fixed("running_mean", Initializer.Zeros, 3);
        Assert.False(trained.Value.WantsGradient);
        state.SetTraining(true);
        Assert.True(trained.Value.WantsGradient);
        Assert.False(statistic.Value.WantsGradient);
        state.SetTraining(false);
        Assert.False(trained.Value.WantsGradient);
    }

    [Fact]
    public void Missing_tensors_and_other_shapes_are_named()
    {
        StateDict state = StateDict.FromCheckpoint(Checkpoint(("a.weight", [2, 3])));
        var missing = Assert.Throws<CheckpointFormatException>(
            () => state.Root["b"].Get("weight", Initializer.Ones, decays: true, 2, 3));
        Assert.Equal("test: tensor b.weight is missing", missing.Message);
        var shape = Assert.Throws<CheckpointFormatException>(
            () => state.Root["a"].Get("weight", Initializer.Ones, decays: true, 3, 2));
        Assert.Equal("test: tensor a.weight: shape [2, 3] where the architecture has [3, 2]", shape.Message);
    }

    [Fact]
    public void Tensors_that_nobody_asked_for_are_named()
    {
        StateDict state = StateDict.FromCheckpoint(Checkpoint(("a", [2]), ("b", [2]), ("c", [2])));
        state.Root.Get("a", Initializer.Ones, decays: true, 2);
        var e = Assert.Throws<CheckpointFormatException>(() => state.RefuseUnknownKeys(key => key == "b"));
        Assert.Contains("1 tensors", e.Message, StringComparison.Ordinal);
        Assert.EndsWith("c", e.Message, StringComparison.Ordinal);
        state.RefuseUnknownKeys(key => key is "b" or "c");
    }

    [Fact]
    public void Statistics_stay_single_precision()
    {
        StateDict state = StateDict.FromSeed(1);
        state.Root.Get("w", Initializer.Ones, decays: true, 3);
        state.Root.Fixed("running_var", Initializer.Ones, 3);
        Dictionary<string, StoredTensor> stored = new(state.ToStored(DataType.Float16));
        Assert.Equal(DataType.Float16, stored["w"].Type);
        Assert.Equal(DataType.Float32, stored["running_var"].Type);
    }

    [Theory]
    [InlineData(DataType.Float32, "a.safetensors")]
    [InlineData(DataType.Float16, "a.safetensors")]
    [InlineData(DataType.Float32, "a.pt")]
    public void Weights_are_read_into_their_place(DataType type, string name)
    {
        const int Count = 1 << 20;
        using var folder = new TemporaryFolder();
        float[] values = Samples.Uniform(Count, 1);
        CheckpointFile.Write(folder[name], [new("w", StoredTensor.FromFloats(values, [Count], type))]);
        using Checkpoint file = CheckpointFile.Read(folder[name]);
        StateDict.FromCheckpoint(file).Root.Get("w", Initializer.Ones, decays: true, Count); // the runtime's own memory

        long before = GC.GetAllocatedBytesForCurrentThread();
        Weight weight = StateDict.FromCheckpoint(file).Root.Get("w", Initializer.Ones, decays: true, Count);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 4 * Count, 4.1 * Count);
        Assert.Equal(type == DataType.Float32 ? values : [.. values.Select(v => (float)(Half)v)], weight.Value.Span.ToArray());
    }

    [Fact]
    public void Keys_and_shapes_are_had_without_values()
    {
        StateDict state = StateDict.Unfilled();
        state.Root["a"].Get("weight", Initializer.Ones, decays: true, 2, 3);
        StateEntry entry = Assert.Single(state.Entries);
        Assert.Equal("a.weight", entry.Key);
        Assert.Equal([2, 3], entry.StoredShape);
        Assert.All(entry.Weight.Value.Span.ToArray(), v => Assert.Equal(0f, v)); // memory that nobody wrote to
    }

    /// <summary>Tensors whose values are 0, 1, 2, ...</summary>
    private static Checkpoint Checkpoint(params (string Key, int[] Shape)[] tensors) => new(
        "test",
        tensors.ToDictionary(t => t.Key, t =>
        {
            int count = t.Shape.Aggregate(1, (a, b) => a * b);
            return StoredTensor.FromFloats([.. Enumerable.Range(0, count).Select(i => (float)i)], t.Shape);
        }),
        new Dictionary<string, string>());
}
