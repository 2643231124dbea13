using System.Numerics.Tensors;
using PocketSam.Models;
using PocketSam.Tensors;
using PocketSam.Training.Data.Effects;
using Tensor = PocketSam.Tensors.Tensor;

namespace PocketSam.Training.Quantization;

/// <summary>What whole numbers in one layer alone do to the embeddings of photos.</summary>
/// <param name="Layer">Key of the layer, as <see cref="QuantizationInfo.FloatLayers"/> names it.</param>
/// <param name="Error">Length of the embeddings' difference over that of the embeddings.</param>
public sealed record LayerSensitivity(string Layer, double Error)
{
    /// <summary>Measures each layer that could compute with whole numbers, all others computing with floats.</summary>
    /// <param name="checkpoint">A model of floats.</param>
    /// <param name="photos">Photos with marked objects; some of them are encoded, once for each layer.</param>
    /// <param name="reader">Decodes them.</param>
    /// <param name="count">How many.</param>
    /// <param name="seed">Chooses them.</param>
    /// <param name="progress">Told the share that is done, 0 to 1.</param>
    /// <param name="cancellation">Looked at before each layer.</param>
    /// <returns>The layers in their order in the network.</returns>
    /// <exception cref="CheckpointFormatException">The model is quantised already.</exception>
    /// <exception cref="DataFormatException">There are not as many photos, or one cannot be read.</exception>
    public static IReadOnlyList<LayerSensitivity> Measure(
        Checkpoint checkpoint, CocoDataset photos, PictureReader reader, int count = 8, ulong seed = 1,
        IProgress<double>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        ArgumentNullException.ThrowIfNull(photos);
        ArgumentNullException.ThrowIfNull(reader);
        QuantizationInfo.RequireFloats(checkpoint);
        RgbImage[] pictures = [.. CalibrationPhoto.Choose(photos, count, new RandomStream(seed)).Select(image => reader(image.Path))];
        var model = SamModel.FromCheckpoint(checkpoint, isFrozen: true);
        var order = new LayerOrder();
        float[][] exact = [.. pictures.Select(picture => Encode(model, picture, order))];
        double length = exact.Sum(embedding => (double)TensorPrimitives.SumOfSquares<float>(embedding));
        var names = ModelQuantizer.IntegerLayers(checkpoint).ToDictionary(OneIntegerLayer.TapeKey);
        string[] layers = [.. order.Layers.Where(names.ContainsKey)];
        var errors = new double[layers.Length];
        for (int layer = 0; layer < layers.Length; layer++)
        {
            cancellation.ThrowIfCancellationRequested();
            var listener = new OneIntegerLayer(layers[layer]);
            for (int i = 0; i < pictures.Length; i++)
            {
                float[] embedding = Encode(model, pictures[i], listener);
                TensorPrimitives.Subtract(embedding, exact[i], embedding);
                errors[layer] += TensorPrimitives.SumOfSquares<float>(embedding);
            }

            progress?.Report((layer + 1.0) / layers.Length);
        }

        return [.. layers.Select((layer, i) => new LayerSensitivity(names[layer], Math.Sqrt(errors[i] / length)))];
    }

    private static float[] Encode(SamModel model, RgbImage picture, TapeListener listener)
    {
        using ImageEmbedding photo = Sam.Over(model, listener: listener).Encode(picture);
        return photo.ToArray();
    }

    /// <summary>The layers of products in the order in which they run.</summary>
    private sealed class LayerOrder : TapeListener
    {
        private readonly HashSet<string> _seen = [];

        public List<string> Layers { get; } = [];

        public override bool WantsSingleOps => true;

        public override void Finished(Op op, string layer, ReadOnlySpan<OpInput> inputs, Tensor output)
        {
            if (ProductForm.Is(op) && _seen.Add(layer))
                Layers.Add(layer);
        }
    }
}
