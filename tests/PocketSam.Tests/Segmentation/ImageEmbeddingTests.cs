using PocketSam.Models;
using PocketSam.Segmentation;
using PocketSam.Tensors;

namespace PocketSam.Tests.Segmentation;

public sealed class ImageEmbeddingTests : IDisposable
{
    private static readonly Sam Nano = Sam.Over(SamModel.Create(ModelZoo.Nano, seed: 1));

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Saved_in_single_precision_it_comes_back_to_the_last_bit()
    {
        using ImageEmbedding photo = Nano.Encode(Picture(101, 60));
        photo.Save(_folder["a.safetensors"], metadata: new Dictionary<string, string> { ["image"] = "a.png" });

        using ImageEmbedding loaded = ImageEmbedding.Load(_folder["a.safetensors"]);
        Checkpoint file = Safetensors.Read(_folder["a.safetensors"]);

        Assert.Equal(photo.ToArray(), loaded.ToArray());
        Assert.Equal(photo.Geometry, loaded.Geometry);
        Assert.Equal((Nano.Name, Nano.Fingerprint), (loaded.ModelName, loaded.ModelFingerprint));
        Assert.Equal([32, 8, 8], file.Tensors["embedding"].Shape);
        Assert.Equal(
            ["a.png", "60", "128", "nano", Nano.Fingerprint, "101"],
            file.Metadata.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => pair.Value));
        Mask expected = Nano.Predict(photo, Prompt.Point(5, 6)).Best, actual = Nano.Predict(loaded, Prompt.Point(5, 6)).Best;
        Assert.Equal(expected.PredictedIou, actual.PredictedIou);
        Assert.True(expected.Logits.Values.SequenceEqual(actual.Logits.Values));
        Assert.True(expected.Bits.ContentEquals(actual.Bits));
    }

    [Fact]
    public void Saved_in_half_precision_it_is_half_as_large_and_close()
    {
        using ImageEmbedding photo = Nano.Encode(Picture(60, 101));
        photo.Save(_folder["a.safetensors"], DataType.Float16);

        using ImageEmbedding loaded = ImageEmbedding.Load(_folder["a.safetensors"]);

        Assert.InRange(new FileInfo(_folder["a.safetensors"]).Length, 2 * 8 * 8 * 32, 2 * 8 * 8 * 32 + 600);
        foreach ((float expected, float actual) in photo.ToArray().Zip(loaded.ToArray()))
            Assert.InRange(Math.Abs(expected - actual), 0, Math.Abs(expected) / 2048 + 6e-8f);
    }

    [Fact]
    public void Values_are_channels_first()
    {
        using ImageEmbedding photo = Nano.Encode(Picture(60, 101));

        float[] values = photo.ToArray();

        using ImageEmbedding.Loan loan = photo.Borrow();
        for (int i = 0; i < values.Length; i++)
            Assert.Equal(loan.Tensor.Span[i % 64 * 32 + i / 64], values[i]);
    }

    [Fact]
    public void File_of_numbers_alone_needs_the_size_of_the_picture()
    {
        using ImageEmbedding photo = Nano.Encode(Picture(101, 60));
        Write(photo.ToArray(), [1, 32, 8, 8]);

        using ImageEmbedding loaded = ImageEmbedding.Load(_folder["x.safetensors"], 101, 60);
        var missing = Assert.Throws<CheckpointFormatException>(() => ImageEmbedding.Load(_folder["x.safetensors"]));

        Assert.Equal((null, null), (loaded.ModelName, loaded.ModelFingerprint));
        Assert.Equal(
            Nano.Predict(photo, Prompt.Point(5, 6)).Best.PredictedIou,
            Nano.Predict(loaded, Prompt.Point(5, 6)).Best.PredictedIou);
        Assert.Equal(
            $"{_folder["x.safetensors"]}: the metadata have no pocketsam.width: say what size the picture has",
            missing.Message);
    }

    [Fact]
    public void Size_that_differs_from_the_stated_one_is_refused()
    {
        using ImageEmbedding photo = Nano.Encode(Picture(101, 60));
        photo.Save(_folder["a.safetensors"]);

        ImageEmbedding.Load(_folder["a.safetensors"], 101, 60).Dispose();
        var e = Assert.Throws<CheckpointFormatException>(() => ImageEmbedding.Load(_folder["a.safetensors"], 60, 101));

        Assert.Equal($"{_folder["a.safetensors"]}: the embedding of a picture of 101x60, not of 60x101", e.Message);
    }

    [Theory]
    [InlineData("tensor embedding: shape [32, 8, 4] is not [channels, side, side]", new[] { 32, 8, 4 })]
    [InlineData("tensor embedding: shape [2, 32, 8, 8] is not [channels, side, side]", new[] { 2, 32, 8, 8 })]
    [InlineData("tensor embedding: shape [64] is not [channels, side, side]", new[] { 64 })]
    [InlineData("tensor embedding: a side of 3 is no model's: it must lie in 4 ... 256", new[] { 1, 3, 3 })]
    public void Tensor_of_another_shape_is_refused(string message, int[] shape)
        => Refused(message, new float[shape.Aggregate(1, (a, b) => a * b)], shape);

    [Fact]
    public void Files_that_hold_something_else_are_refused()
    {
        float[] values = new float[64];
        Refused("broken pocketsam.width: '-5' is not a positive whole number", values, [4, 4, 4], ("pocketsam.width", "-5"));
        Refused(
            "pocketsam.input_size is 128, but tensor embedding is of an input of 64", values, [4, 4, 4],
            ("pocketsam.input_size", "128"));
        Refused(
            "2147483647x1 is no size of a picture", values, [4, 4, 4],
            ("pocketsam.width", "2147483647"), ("pocketsam.height", "1"));
        values[7] = float.NaN;
        Refused("tensor embedding: holds values that are not finite", values, [4, 4, 4]);

        Safetensors.Write(_folder["y.safetensors"], [new("logits", StoredTensor.FromFloats([1], [1]))]);
        var other = Assert.Throws<CheckpointFormatException>(() => ImageEmbedding.Load(_folder["y.safetensors"]));
        var none = Assert.Throws<FileNotFoundException>(() => ImageEmbedding.Load(_folder["none.safetensors"]));
        Assert.Equal($"{_folder["y.safetensors"]}: has no tensor embedding", other.Message);
        Assert.Equal($"{_folder["none.safetensors"]}: no such file", none.Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => ImageEmbedding.Load(_folder["y.safetensors"], 0, 5));
    }

    [Fact]
    public void What_cannot_be_saved_is_refused_and_nothing_is_written()
    {
        ImageEmbedding photo = Nano.Encode(Picture(9, 9));
        string path = _folder["a.safetensors"];

        Assert.Throws<ArgumentException>(() => photo.Save(path, DataType.Int8));
        var taken = Assert.Throws<ArgumentException>(
            () => photo.Save(path, metadata: new Dictionary<string, string> { ["pocketsam.width"] = "1" }));
        using (ImageEmbedding.Loan loan = photo.Borrow())
            loan.Tensor.Span[3] = 70000;
        var large = Assert.Throws<ArgumentException>(() => photo.Save(path, DataType.Float16));
        photo.Dispose();
        Assert.Throws<ObjectDisposedException>(() => photo.Save(path));

        Assert.StartsWith("metadata pocketsam.width: names that begin with pocketsam. are taken", taken.Message);
        Assert.StartsWith("the embedding holds values beyond half precision: save it as Float32", large.Message);
        Assert.Empty(_folder.Files);
    }

    [Fact]
    public void Embedding_of_another_model_is_refused_by_name()
    {
        using ImageEmbedding photo = Nano.Encode(Picture(50, 50));
        photo.Save(_folder["a.safetensors"]);
        using ImageEmbedding loaded = ImageEmbedding.Load(_folder["a.safetensors"]);
        Sam other = Sam.Over(SamModel.Create(ModelZoo.Nano, seed: 2), "other.safetensors");
        Sam twin = Sam.Over(SamModel.Create(ModelZoo.Nano, seed: 1), "twin.safetensors");

        var saved = Assert.Throws<ArgumentException>(() => other.Predict(loaded, Prompt.Point(1, 1)));
        var fresh = Assert.Throws<ArgumentException>(() => other.Predict(photo, Prompt.Point(1, 1)));

        string reason = $"the embedding is not this model's: nano (fingerprint {Nano.Fingerprint[..8]}) made it, "
            + $"and this is other.safetensors (fingerprint {other.Fingerprint[..8]})";
        Assert.Equal($"{_folder["a.safetensors"]}: {reason}", saved.Message);
        Assert.Equal(reason, fresh.Message);
        Assert.Equal(Nano.Fingerprint, twin.Fingerprint);
        Assert.Single(twin.Predict(loaded, Prompt.Box(1, 1, 5, 5)).Masks);
    }

    [Fact]
    public void Fingerprint_is_that_of_the_image_encoder_and_stays_the_same()
    {
        SamModel model = SamModel.Create(ModelZoo.Nano, seed: 1);
        Change("mask_decoder.iou_token.weight");
        string changedDecoder = Sam.Over(model).Fingerprint;
        Change("image_encoder.neck.1.bias");

        // Files out there carry it.
        Assert.Equal("b7b057ee", Sam.Over(Models.MadeUpWeights.Create(ModelZoo.Nano)).Fingerprint[..8]);
        Assert.Equal(Nano.Fingerprint, changedDecoder);
        Assert.NotEqual(Nano.Fingerprint, Sam.Over(model).Fingerprint);

        void Change(string key) => model.State.Entries.Single(e => e.Key == key).Weight.Value.Span[0] += 1;
    }

    [Fact]
    public void Memory_goes_back_when_the_last_user_is_done()
    {
        ImageEmbedding photo = Nano.Encode(Picture(50, 50));
        ImageEmbedding.Loan loan = photo.Borrow();
        TensorBuffer buffer = loan.Tensor.Buffer;
        photo.Dispose();
        photo.Dispose();

        TensorBuffer other = BufferPool.Rent(buffer.Count);
        Assert.NotSame(buffer.Memory, other.Memory);
        Assert.Throws<ObjectDisposedException>(() => photo.Borrow());
        loan.Dispose();
        TensorBuffer again = BufferPool.Rent(buffer.Count);

        Assert.Same(buffer.Memory, again.Memory);
        BufferPool.Return(other);
        BufferPool.Return(again);
    }

    [Fact]
    public void Second_picture_of_a_size_is_prepared_in_the_memory_of_the_first()
    {
        RgbImage image = Picture(1500, 1000);
        var geometry = ImageGeometry.For(1500, 1000, 1024);
        Prepare();

        // The input alone is 12 MB, the resized picture 2 MB, an embedding of vit_t 4 MB. Tests that run beside this one
        // may take the memory in between, but not time after time.
        Assert.InRange(Enumerable.Range(0, 5).Min(_ => Prepare()), 0, 500_000);

        long Prepare()
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            using Tape tape = Tape.Inference();
            ImagePreparation.ToInput(image, geometry, ModelZoo.VitT.Encoder);
            using var embedding = new ImageEmbedding(geometry, 256, null);
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }
    }

    [Fact]
    public void Cancelled_encoding_stops()
        => Assert.Throws<OperationCanceledException>(
            () => Nano.Encode(Picture(5, 5), cancellation: new CancellationToken(canceled: true)));

    private static RgbImage Picture(int width, int height)
    {
        var picture = new RgbImage(width, height);
        new Random(width + height).NextBytes(picture.Pixels);
        return picture;
    }

    private void Refused(string reason, float[] values, int[] shape, params (string Key, string Value)[] metadata)
    {
        Write(values, shape, [("pocketsam.width", "9"), ("pocketsam.height", "9"), .. metadata]);

        var e = Assert.Throws<CheckpointFormatException>(() => ImageEmbedding.Load(_folder["x.safetensors"]));
        Assert.Equal($"{_folder["x.safetensors"]}: {reason}", e.Message);
    }

    private void Write(float[] values, int[] shape, params (string Key, string Value)[] metadata)
    {
        var all = new Dictionary<string, string>();
        foreach ((string key, string value) in metadata)
            all[key] = value;
        Safetensors.Write(_folder["x.safetensors"], [new("embedding", StoredTensor.FromFloats(values, shape))], all);
    }
}
