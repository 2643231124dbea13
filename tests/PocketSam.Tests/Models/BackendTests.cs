namespace PocketSam.Tests.Models;

/// <summary>Parts of a model that others compute, here by the model itself.</summary>
public sealed class BackendTests
{
    private readonly Sam _sam = Sam.Over(MadeUpWeights.Create(ModelZoo.Nano));
    private readonly RgbImage _picture = new(60, 40);

    public BackendTests() => new Random(1).NextBytes(_picture.Pixels);

    [Fact]
    public void An_encoder_gets_planes_and_gives_planes()
    {
        var backend = new Recorded(_sam, _picture);
        Sam other = _sam.WithBackend(backend);
        using ImageEmbedding here = _sam.Encode(_picture), there = other.Encode(_picture);
        Assert.Equal(here.ToArray(), there.ToArray());
        Assert.Equal((128, 3 * 128 * 128, 0), (backend.Picture!.Size, backend.Picture.Pixels.Length, backend.Picture.Patches.Length));

        // The picture's first pixel, and what lies below it.
        Assert.Equal(0f, backend.Picture.Pixels.Span[127 * 128]);
        Assert.NotEqual(0f, backend.Picture.Pixels.Span[0]);
        Assert.Equal(_sam.Fingerprint, other.Fingerprint);
        Assert.Equal(_sam.Predict(here, Prompt.Point(3, 4)).Best.PredictedIou, other.Predict(there, Prompt.Point(3, 4)).Best.PredictedIou);
    }

    [Fact]
    public void A_decoder_gets_prompts_in_pixels_of_the_input_and_chooses_no_mask()
    {
        var backend = new Constant();
        Sam other = _sam.WithBackend(null, backend);
        using ImageEmbedding photo = other.Encode(_picture);
        IReadOnlyList<PocketSam.Prediction> found = other.Predict(photo, [Prompt.Point(30, 20), Prompt.Point(15, 10), Prompt.Box(0, 0, 60, 40)]);
        Assert.Equal([2, 1], backend.Asked.Select(p => p.Objects));
        Assert.Equal([64f, 128f * 20 / 60, 0, 0, 32, 128f * 10 / 60, 0, 0], backend.Asked[0].Coordinates.ToArray(), (a, b) => MathF.Abs(a - b) < 0.2f);
        Assert.Equal([1f, -1, 1, -1], backend.Asked[0].Labels.ToArray());
        Assert.Equal([2f, 3], backend.Asked[1].Labels.ToArray());
        Assert.Equal(photo.ToArray(), backend.Asked[0].Features.ToArray());
        Assert.Equal(3f, found[0].Best.PredictedIou); // of masks 1 to 3 the best
        Assert.Equal(3f, found[0].Best.Logits.Values[0]);
        Assert.Equal(0f, Assert.Single(found[2].Masks).PredictedIou);
    }

    [Fact]
    public void A_model_that_is_nowhere_here_is_known_by_its_fingerprint()
    {
        Sam sam = Sam.FromBackend(_sam.Config, "far away", "abc", new Recorded(_sam, _picture), new Constant());
        using ImageEmbedding photo = sam.Encode(_picture);
        Assert.Equal(("far away", "abc", "abc"), (photo.ModelName, photo.ModelFingerprint, sam.DecoderFingerprint));
        Assert.Throws<ArgumentException>(() => _sam.Predict(photo, Prompt.Point(1, 1)));
    }

    private sealed class Recorded(Sam sam, RgbImage image) : IEncoderBackend
    {
        public BackendPicture? Picture { get; private set; }

        public void Encode(BackendPicture picture, Memory<float> features, CancellationToken cancellation)
        {
            Picture = picture;
            using ImageEmbedding embedding = sam.Encode(image);
            embedding.ToArray().CopyTo(features);
        }
    }

    /// <summary>Masks and predicted IoU that are the mask's number everywhere.</summary>
    private sealed class Constant : IDecoderBackend
    {
        public List<BackendPrompts> Asked { get; } = [];

        public int MaxObjects => 2;

        public void Decode(BackendPrompts prompts, Memory<float> iou, Memory<float> logits, CancellationToken cancellation)
        {
            Asked.Add(prompts);
            int area = logits.Length / iou.Length;
            for (int i = 0; i < iou.Length; i++)
            {
                iou.Span[i] = i % 4;
                logits.Span.Slice(i * area, area).Fill(i % 4);
            }
        }
    }
}
