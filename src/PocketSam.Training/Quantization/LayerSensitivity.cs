using System.Numerics.Tensors;
using PocketSam.Models;
using PocketSam.Tensors;
using PocketSam.Training.Data.Effects;
using Tensor = PocketSam.Tensors.Tensor;

namespace PocketSam.Training.Quantization;

/// <summary>Sensitivity of a layer: the error of embeddings when it alone computes with 8-bit integers.</summary>
/// <param name="Layer">Key of the layer, as in <see cref="QuantizationInfo.FloatLayers"/>.</param>
/// <param name="Error">Norm of the embeddings' difference relative to that of the embeddings.</param>
public sealed record LayerSensitivity(string Layer, double Error)
{
    /// <summary>Measures each layer that can compute with integers, with all others in floating point.</summary>
    /// <param name="checkpoint">A floating-point model.</param>
    /// <param name="photos">Photos with annotated objects; each chosen photo is encoded once for each layer.</param>
    /// <param name="reader">Decodes the photos.</param>
    /// <param name="count">Number of photos to use.</param>
    /// <param name="seed">Seed for choosing photos.</param>
    /// <param name="progress">Receives the fraction done, 0 to 1.</param>
    /// <param name="cancellation">Checked before each layer.</param>
    /// <returns>The layers in the order of the network.</returns>
    /// <exception cref="CheckpointFormatException">The model is already quantised.</exception>
    /// <exception cref="DataFormatException">There are fewer photos with objects, or one cannot be read.</exception>
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

    /// <summary>Records the layers with products in the order in which they run.</summary>
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
