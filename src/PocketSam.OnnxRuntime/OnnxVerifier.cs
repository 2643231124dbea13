using System.Diagnostics;
using System.Numerics.Tensors;
using PocketSam.Onnx;

namespace PocketSam.OnnxRuntime;

/// <summary>
/// Compares a pair of ONNX files with the same model computed by the library, on every kind of prompt that the decoder
/// takes.
/// </summary>
public static class OnnxVerifier
{
    /// <summary>Compares embeddings, logits, predicted IoU, and masks at the pictures' sizes.</summary>
    /// <param name="own">The model, computed by the library.</param>
    /// <param name="pair">The files.</param>
    /// <param name="pictures">The pictures, enumerated once.</param>
    /// <param name="progress">Receives the number of pictures done.</param>
    /// <param name="cancellation">Checked between prompts.</param>
    /// <exception cref="ArgumentException">
    /// The model does not support the files' input size, or has another number of embedding channels.
    /// </exception>
    /// <exception cref="OnnxSetupException">The runtime reports an error.</exception>
    public static OnnxVerification Run(
        Sam own, OnnxSam pair, IEnumerable<RgbImage> pictures, IProgress<int>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(own);
        ArgumentNullException.ThrowIfNull(pair);
        ArgumentNullException.ThrowIfNull(pictures);
        int size = pair.Encoder.Size;
        own.Config.ValidateInputSize(size);
        if (own.Config.FeatureChannels != pair.Encoder.Channels)
        {
            throw new ArgumentException(
                $"{own.Name} has embeddings of {own.Config.FeatureChannels} channels where {pair.Encoder.Path} gives {pair.Encoder.Channels}");
        }

        var result = new OnnxVerification();
        var recorder = new Recorder(pair.Decoder);
        Sam theirs = pair.Sam.WithBackend(null, recorder);
        List<double> ownEncode = [], encode = [], ownDecode = [], decode = [];
        foreach (RgbImage picture in pictures)
        {
            cancellation.ThrowIfCancellationRequested();
            if (result.Pictures == 0)
            {
                own.Encode(picture, size, cancellation).Dispose();
                theirs.Encode(picture, size, cancellation).Dispose();
            }

            using ImageEmbedding ours = Timed(ownEncode, () => own.Encode(picture, size, cancellation));
            using ImageEmbedding found = Timed(encode, () => theirs.Encode(picture, size, cancellation));
            float[] expected = ours.ToArray();
            result.EmbeddingDifference = Math.Max(result.EmbeddingDifference, Difference(expected, found.ToArray()) / Largest(expected));
            foreach ((Prompt prompt, bool isMulti) in Prompts(own, ours, pair.Decoder))
            {
                cancellation.ThrowIfCancellationRequested();
                Prediction before = Timed(ownDecode, () => own.Predict(ours, prompt, isMulti, cancellation));
                Prediction after = Timed(decode, () => theirs.Predict(found, prompt, isMulti, cancellation));
                Compare(result, own, ours, prompt, before, after, pair.Decoder.Masks == 1);
                if (pair.Decoder.Enlarges && pair.Decoder.Masks != 1)
                    CompareEnlarged(result, picture, before, isMulti ? 1 : 0, recorder.Enlarge(picture.Width, picture.Height, cancellation));
            }

            result.Pictures++;
            progress?.Report(result.Pictures);
        }

        (result.OwnEncodeMs, result.EncodeMs) = (Median(ownEncode), Median(encode));
        (result.OwnDecodeMs, result.DecodeMs) = (Median(ownDecode), Median(decode));
        return result;
    }

    /// <summary>One prompt of each kind that the decoder takes.</summary>
    private static IEnumerable<(Prompt Prompt, bool IsMulti)> Prompts(Sam own, ImageEmbedding embedding, OnnxDecoder decoder)
    {
        (int width, int height) = (embedding.Geometry.Width, embedding.Geometry.Height);
        Prompt point = Prompt.Point(width / 2.0, height / 2.0);
        yield return (point, true);
        yield return (Prompt.Point(width / 3.0, height / 2.0).WithPoint(width / 2.0, height / 3.0).WithPoint(0, 0, isForeground: false), true);
        if (decoder.Part == OnnxPart.TransformersDecoder)
            yield break;
        yield return (point, false);
        if (width < 4 || height < 4)
            yield break;
        Prompt box = Prompt.Box(width / 4.0, height / 4.0, width * 3 / 4.0, height * 3 / 4.0);
        yield return (box, false);
        yield return (box.WithPoint(width / 2.0, height / 2.0), true);
        if (decoder.Part == OnnxPart.OfficialDecoder)
            yield return (point.WithMask(own.Predict(embedding, box).Best.Logits), false);
    }

    private static void Compare(
        OnnxVerification result, Sam own, ImageEmbedding embedding, Prompt prompt, Prediction before, Prediction after, bool isSingle)
    {
        // A decoder of one mask does not say which it has chosen: any of the model's masks may match.
        IReadOnlyList<Mask> candidates = isSingle
            ? [.. own.Predict(embedding, prompt, true).Masks, .. own.Predict(embedding, prompt, false).Masks] : before.Masks;
        int count = isSingle ? 1 : after.Masks.Count;
        for (int i = 0; i < count; i++)
        {
            Mask found = after.Masks[i];
            Mask expected = isSingle
                ? candidates.MinBy(mask => Difference(mask.Logits.Values.ToArray(), found.Logits.Values.ToArray()))! : candidates[i];
            float[] logits = expected.Logits.Values.ToArray();
            double largest = Math.Max(1, Largest(logits));
            result.LogitDifference = Math.Max(result.LogitDifference, Difference(logits, found.Logits.Values.ToArray()) / largest);
            result.IouDifference = Math.Max(result.IouDifference, Difference([expected.PredictedIou], [found.PredictedIou]));
            AddMask(result, expected.Bits, found.Bits);
        }
    }

    private static void CompareEnlarged(OnnxVerification result, RgbImage picture, Prediction before, int first, float[] logits)
    {
        int area = picture.Width * picture.Height;
        for (int i = 0; i < before.Masks.Count; i++)
        {
            var bits = new BinaryMask(picture.Width, picture.Height);
            for (int at = 0; at < area; at++)
                bits[at % picture.Width, at / picture.Width] = logits[(first + i) * area + at] > 0;
            AddMask(result, before.Masks[i].Bits, bits);
        }
    }

    private static void AddMask(OnnxVerification result, BinaryMask expected, BinaryMask found)
    {
        bool isEmpty = expected.Bounds.IsEmpty && found.Bounds.IsEmpty;
        result.LeastMaskIou = Math.Min(result.LeastMaskIou, isEmpty ? 1 : found.Iou(expected));
        result.Masks++;
    }

    /// <summary>Largest absolute difference; infinite if a value is NaN.</summary>
    private static double Difference(float[] expected, float[] found)
    {
        double worst = 0;
        for (int i = 0; i < expected.Length; i++)
        {
            double difference = Math.Abs((double)expected[i] - found[i]);
            worst = double.IsNaN(difference) ? double.PositiveInfinity : Math.Max(worst, difference);
        }

        return worst;
    }

    private static double Largest(float[] values) => Math.Abs(TensorPrimitives.MaxMagnitude<float>(values));

    private static T Timed<T>(List<double> times, Func<T> work)
    {
        var clock = Stopwatch.StartNew();
        T result = work();
        times.Add(clock.Elapsed.TotalMilliseconds);
        return result;
    }

    private static double Median(List<double> values)
        => values.Count == 0 ? 0 : values.Order().ElementAt(values.Count / 2);

    /// <summary>Forwards prompts and keeps the last, to compute its masks at the picture's size.</summary>
    private sealed class Recorder(OnnxDecoder decoder) : IDecoderBackend
    {
        private BackendPrompts? _last;

        public int MaxObjects => decoder.MaxObjects;

        public void Decode(BackendPrompts prompts, Memory<float> iou, Memory<float> logits, CancellationToken cancellation)
        {
            _last = prompts;
            decoder.Decode(prompts, iou, logits, cancellation);
        }

        public float[] Enlarge(int width, int height, CancellationToken cancellation) => decoder.Enlarge(_last!, width, height, cancellation);
    }
}
