using PocketSam.Models;
using PocketSam.Onnx.Graphs;
using PocketSam.Onnx.Wire;
using PocketSam.Segmentation;

namespace PocketSam.Onnx.Export;

/// <summary>Builds the graph of the image encoder, with the inputs and outputs of a layout.</summary>
internal static class EncoderGraph
{
    private const string Embeddings = OnnxNames.Embeddings, Picture = "input_image", Patches = OnnxNames.Patches;

    public static OnnxGraph Create(SamModel model, int size, OnnxExportOptions options, CancellationToken cancellation)
    {
        SamConfig config = model.Config;
        int side = size / SamConfig.EmbeddingStride, patch = config.Encoder.PatchSize;
        if (patch > 0 && options.Layout != OnnxLayout.Sam)
        {
            throw new ArgumentException(
                $"{config.Name} looks at a picture at two sizes, which layout {options.Layout.ToString().ToLowerInvariant()} does not have: take sam");
        }

        var builder = new GraphBuilder(options.Precision);
        TracedGraph traced = ModelTracer.Encoder(model, size);
        List<OnnxValue> inputs = [], outputs = [new(Embeddings, OnnxType.Float, 1, config.FeatureChannels, side, side)];
        CallSizes sizes = default;
        if (patch > 0)
        {
            string cell = builder.Integers(patch);
            sizes = new CallSizes(
                Rows: builder.Add("Div", [builder.Size(Patches, 2), cell]), Columns: builder.Add("Div", [builder.Size(Patches, 3), cell]));
        }

        var lowering = new GraphLowering(traced, builder, sizes);
        switch (options.Layout)
        {
            case OnnxLayout.SamExporter:
                inputs.Add(new(Picture, OnnxType.Float, "image_height", "image_width", 3));
                lowering.Bind(ModelTracer.Pixels, Prepare(builder, size));
                break;
            case OnnxLayout.Transformers:
                inputs.Add(new("pixel_values", OnnxType.Float, 1, 3, size, size));
                lowering.BindPlanes(ModelTracer.Pixels, "pixel_values");
                break;
            default:
                inputs.Add(new(Picture, OnnxType.Float, 1, 3, size, size));
                lowering.BindPlanes(ModelTracer.Pixels, Picture);
                break;
        }

        if (patch > 0)
        {
            inputs.Add(new(Patches, OnnxType.Float, 1, 3, "patches_height", "patches_width"));
            lowering.BindPlanes(ModelTracer.Patches, Patches);
        }

        lowering.Run(cancellation);
        builder.Output(Embeddings, lowering.ResultPlanes(ModelTracer.Features));
        if (options.Layout == OnnxLayout.Transformers)
        {
            const string Positions = OnnxNames.Positions;
            float[] positions = PromptPositions.OfGrid(model, side);
            string rows = builder.Floats([1, side, side, config.PromptEmbedDim], positions);
            builder.Output(Positions, builder.Transpose(rows, 0, 3, 1, 2));
            outputs.Add(new(Positions, OnnxType.Float, 1, config.PromptEmbedDim, side, side));
        }

        return builder.ToGraph("image_encoder", inputs, outputs);
    }

    /// <summary>Normalises RGB of 0 to 255, [rows, columns, 3], and pads it with zeros to [1, S, S, 3].</summary>
    private static string Prepare(GraphBuilder builder, int size)
    {
        string centred = builder.Add("Sub", [Picture, builder.Floats([3], ImagePreparation.Mean.ToArray())]);
        string normal = builder.Add("Div", [centred, builder.Floats([3], ImagePreparation.Deviation.ToArray())]);
        string missing = builder.Add("Sub", [builder.Integers(size, size), builder.Slice(builder.Add("Shape", [Picture]), 0, 0, 2)]);
        string padded = builder.Add("Pad", [normal, builder.Concat(0, builder.Integers(0, 0, 0), missing, builder.Integers(0))]);
        return builder.Reshape(padded, 1, size, size, 3);
    }
}
