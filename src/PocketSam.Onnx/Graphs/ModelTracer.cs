using PocketSam.Models;
using PocketSam.Tensors;

namespace PocketSam.Onnx.Graphs;

/// <summary>
/// Traces the parts of a model. Nothing is computed, so a trace takes milliseconds for a model of any size.
/// </summary>
internal static class ModelTracer
{
    /// <summary>Names of the inputs and outputs of the traces.</summary>
    public const string Pixels = "pixels", Patches = "patches", Features = "features", Masks = "masks", Dense = "dense",
        Sparse = "sparse", Logits = "logits", Iou = "iou";

    /// <summary>
    /// The image encoder: <see cref="Pixels"/> [1, S, S, 3], and for an encoder of patches also <see cref="Patches"/>
    /// [1, rows, columns, 3] of a picture of any aspect ratio, to <see cref="Features"/> [1, S/16, S/16, C].
    /// </summary>
    /// <exception cref="ArgumentException">The encoder takes no input of that size.</exception>
    public static TracedGraph Encoder(SamModel model, int size)
    {
        int patch = model.Config.Encoder.PatchSize, side = size / SamConfig.EmbeddingStride;
        if (patch == 0)
        {
            Graph graph = Trace(0, 0);
            return new TracedGraph(graph, graph);
        }

        return new TracedGraph(Trace(side, side - 1), Trace(side - 2, side));

        Graph Trace(int rows, int columns)
        {
            var tracer = new Tracer(computes: false);
            using Tape tape = Tape.Inference(tracer);
            Tensor pixels = Zeros(1, size, size, 3);
            Tensor[]? patches = rows == 0 ? null : [Zeros(1, rows * patch, columns * patch, 3)];
            tracer.Input(Pixels, pixels);
            if (patches is not null)
                tracer.Input(Patches, patches[0]);
            tracer.Output(Features, model.ImageEncoder.Forward(new EncoderInput(pixels, patches)));
            return tracer.ToGraph();
        }
    }

    /// <summary>
    /// The embedding of mask prompts for any number of objects: <see cref="Masks"/> [P, 4 side, 4 side, 1] to <see
    /// cref="Dense"/> [P, side, side, C].
    /// </summary>
    public static TracedGraph MaskPrompts(SamModel model, int side)
    {
        return new TracedGraph(Trace(2), Trace(3));

        Graph Trace(int prompts)
        {
            var tracer = new Tracer(computes: false);
            using Tape tape = Tape.Inference(tracer);
            int size = side * SamConfig.EmbeddingStride / SamConfig.MaskStride;
            Tensor masks = Zeros(prompts, size, size, 1);
            tracer.Input(Masks, masks);
            tracer.Output(Dense, model.PromptEncoder.EmbedMasks(masks));
            return tracer.ToGraph();
        }
    }

    /// <summary>
    /// The mask decoder for any number of objects and tokens: <see cref="Features"/> [1, side, side, C] of the picture,
    /// <see cref="Dense"/> [P, side, side, C] and <see cref="Sparse"/> [P, T, C] of the prompts, to <see
    /// cref="Logits"/> [P, masks, (4 side)^2] and <see cref="Iou"/> [P, masks]. Its only constant is the positional
    /// encoding, [1, side side, C].
    /// </summary>
    public static TracedGraph Decoder(SamModel model, int side)
    {
        return new TracedGraph(Trace(2, 3), Trace(3, 5));

        Graph Trace(int prompts, int tokens)
        {
            SamConfig config = model.Config;
            var tracer = new Tracer(computes: false);
            using Tape tape = Tape.Inference(tracer);
            Tensor features = Zeros(1, side, side, config.FeatureChannels);
            Tensor dense = Zeros(prompts, side, side, config.PromptEmbedDim), sparse = Zeros(prompts, tokens, config.PromptEmbedDim);
            tracer.Input(Features, features);
            tracer.Input(Dense, dense);
            tracer.Input(Sparse, sparse);
            (Tensor logits, Tensor iou) = model.MaskDecoder.Forward(
                dense.AddRepeated(DecoderFeatures.Embedding(features, config.PromptEmbedDim)), model.PromptEncoder.DensePositions(side),
                sparse, config.HighResolutionFeatures ? DecoderFeatures.HighResolution(features, config.PromptEmbedDim) : null);
            tracer.Output(Logits, logits);
            tracer.Output(Iou, iou);
            return tracer.ToGraph();
        }
    }

    /// <summary>An input tensor without memory: its values are never read.</summary>
    private static Tensor Zeros(params int[] shape)
        => new(TensorBuffer.WithoutMemory(shape.Aggregate((nint)1, (product, size) => product * size)), shape);
}
