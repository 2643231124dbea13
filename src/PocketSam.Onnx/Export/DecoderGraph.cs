using PocketSam.Models;
using PocketSam.Onnx.Graphs;
using PocketSam.Onnx.Wire;

namespace PocketSam.Onnx.Export;

/// <summary>Builds the graph of the prompt encoder and mask decoder, with the inputs and outputs of a layout.</summary>
internal sealed class DecoderGraph
{
    private const string Embeddings = OnnxNames.Embeddings, Objects = "num_objects", Points = "num_points", MaskPrompts = "num_masks";

    private readonly SamModel _model;
    private readonly SamConfig _config;
    private readonly OnnxExportOptions _options;
    private readonly GraphBuilder _builder;
    private readonly List<OnnxValue> _inputs = [];
    private readonly List<OnnxValue> _outputs = [];
    private readonly int _size;
    private readonly int _side;

    private DecoderGraph(SamModel model, int size, OnnxExportOptions options)
    {
        (_model, _config, _options, _size) = (model, model.Config, options, size);
        _side = size / SamConfig.EmbeddingStride;
        _builder = new GraphBuilder(options.Precision);
    }

    private int MaskSide => _size / SamConfig.MaskStride;

    private int AllMasks => _config.NumMultimaskOutputs + 1;

    public static OnnxGraph Create(SamModel model, int size, OnnxExportOptions options, CancellationToken cancellation)
    {
        var graph = new DecoderGraph(model, size, options);
        if (options.Layout == OnnxLayout.Transformers)
            graph.CreateTransformers(cancellation);
        else
            graph.CreateSam(cancellation);
        return graph._builder.ToGraph("mask_decoder", graph._inputs, graph._outputs);
    }

    /// <summary>
    /// The six inputs and three outputs of segment_anything/utils/onnx.py, in its order. Its batch of one is a
    /// dimension of objects here.
    /// </summary>
    private void CreateSam(CancellationToken cancellation)
    {
        const string Coordinates = OnnxNames.Coordinates, Labels = OnnxNames.Labels, Mask = OnnxNames.Mask, HasMask = OnnxNames.HasMask,
            Size = OnnxNames.Size;
        bool isSingle = _options.SingleMask ?? _options.Layout == OnnxLayout.SamExporter;
        int masks = isSingle ? 1 : AllMasks;
        AddInput(Embeddings, 1, _config.FeatureChannels, _side, _side);
        AddInput(Coordinates, Objects, Points, 2);
        AddInput(Labels, Objects, Points);
        AddInput(Mask, MaskPrompts, 1, MaskSide, MaskSide);
        AddInput(HasMask, MaskPrompts);
        if (!_options.LowResolution)
        {
            AddInput(Size, 2);
            _outputs.Add(new("masks", OnnxType.Float, Objects, masks, "height", "width"));
        }

        _outputs.Add(new("iou_predictions", OnnxType.Float, Objects, masks));
        _outputs.Add(new("low_res_masks", OnnxType.Float, Objects, masks, MaskSide, MaskSide));

        string labels = _builder.Add("Unsqueeze", [Labels, _builder.Integers(2)]);
        string sparse = PromptPositions.Embed(_model, _builder, Coordinates, labels, _size);
        (string logits, string iou) = Decode(sparse, Dense(Mask, HasMask), positions: null, cancellation);
        if (isSingle)
            (logits, iou) = Choose(logits, iou, Coordinates);
        string low = _builder.Reshape(logits, 0, masks, MaskSide, MaskSide);
        if (!_options.LowResolution)
            _builder.Output("masks", Enlarge(low, Size));
        _builder.Output("iou_predictions", iou);
        _builder.Output("low_res_masks", low);
    }

    /// <summary>
    /// The graph that Optimum exports of transformers' SamModel: points only, no boxes and no mask prompts, three masks
    /// for each object. The graph itself adds the padding point that stands for no box, and ignores points of label
    /// -10. One picture, any number of objects.
    /// </summary>
    private void CreateTransformers(CancellationToken cancellation)
    {
        const string Positions = OnnxNames.Positions, Coordinates = OnnxNames.Points, Labels = OnnxNames.PointLabels, Objects = "point_batch_size",
            Points = "nb_points_per_image";
        int masks = _config.NumMultimaskOutputs;
        AddInput(Positions, 1, _config.PromptEmbedDim, _side, _side);
        AddInput(Embeddings, 1, _config.FeatureChannels, _side, _side);
        AddInput(Coordinates, 1, Objects, Points, 2);
        _inputs.Add(new(Labels, OnnxType.Int64, 1, Objects, Points));
        _outputs.Add(new("iou_scores", OnnxType.Float, 1, Objects, masks));
        _outputs.Add(new("pred_masks", OnnxType.Float, 1, Objects, masks, MaskSide, MaskSide));

        string first = _builder.Integers(0);
        string padding = _builder.Integers(0, 0, 0, 0, 1, 0);
        string coordinates = _builder.Add("Pad", [_builder.Add("Squeeze", [Coordinates, first]), padding]);
        string labels = _builder.Add("Unsqueeze", [_builder.Cast(_builder.Add("Squeeze", [Labels, first]), OnnxType.Float), _builder.Integers(2)]);
        labels = _builder.Add("Pad", [labels, padding, _builder.Scalar(-1)]);
        string sparse = PromptPositions.Embed(_model, _builder, coordinates, labels, _size);
        string positions = _builder.Reshape(_builder.Transpose(Positions, 0, 2, 3, 1), 1, -1, _config.PromptEmbedDim);
        (string logits, string iou) = Decode(sparse, PromptPositions.NoMask(_model, _builder), positions, cancellation);
        string several = _builder.Slice(_builder.Reshape(logits, 0, AllMasks, MaskSide, MaskSide), 1, 1, AllMasks);
        _builder.Output("iou_scores", _builder.Add("Unsqueeze", [_builder.Slice(iou, 1, 1, AllMasks), first]));
        _builder.Output("pred_masks", _builder.Add("Unsqueeze", [several, first]));
    }

    private void AddInput(string name, params OnnxSize[] shape) => _inputs.Add(new(name, OnnxType.Float, shape));

    /// <summary>Dense prompt embedding [1 or P, side, side, C]: has * embed(mask) + (1 - has) * no_mask.</summary>
    private string Dense(string mask, string hasMask)
    {
        var lowering = new GraphLowering(ModelTracer.MaskPrompts(_model, _side), _builder);
        lowering.BindPlanes(ModelTracer.Masks, mask);
        lowering.Run();
        string has = _builder.Reshape(hasMask, -1, 1, 1, 1);
        string hasNone = _builder.Add("Sub", [_builder.Scalar(1), has]);
        return _builder.Add("Add", [
            _builder.Add("Mul", [lowering.Result(ModelTracer.Dense), has]),
            _builder.Add("Mul", [PromptPositions.NoMask(_model, _builder), hasNone]),
        ]);
    }

    private (string Logits, string Iou) Decode(string sparse, string dense, string? positions, CancellationToken cancellation)
    {
        var lowering = new GraphLowering(
            ModelTracer.Decoder(_model, _side), _builder, new CallSizes(Batch: _builder.Size(sparse, 0)));
        lowering.BindPlanes(ModelTracer.Features, Embeddings);
        lowering.Bind(ModelTracer.Dense, dense);
        lowering.Bind(ModelTracer.Sparse, sparse);
        if (positions is not null)
            lowering.BindConstant(positions);
        lowering.Run(cancellation);
        return (lowering.Result(ModelTracer.Logits), lowering.Result(ModelTracer.Iou));
    }

    /// <summary>
    /// Selects one mask for each object. Where the model's first mask is meant for single output, that one; otherwise
    /// by the number of points, as select_masks of segment_anything/utils/onnx.py does: the first mask for more than
    /// two points, else the one of the others with the highest predicted IoU.
    /// </summary>
    private (string Logits, string Iou) Choose(string logits, string iou, string coordinates)
    {
        if (_config.FirstMask == FirstMask.Single)
            return (_builder.Slice(logits, 1, 0, 1), _builder.Slice(iou, 1, 0, 1));
        float[] onlyFirst = new float[AllMasks];
        onlyFirst[0] = 1000;
        string points = _builder.Add("Sub", [_builder.Cast(_builder.Size(coordinates, 1), OnnxType.Float), _builder.Scalar(2.5f)]);
        string score = _builder.Add("Add", [iou, _builder.Add("Mul", [points, _builder.Floats([AllMasks], onlyFirst)])]);
        string best = _builder.Add("ArgMax", [score], OnnxAttribute.Of("axis", 1L), OnnxAttribute.Of("keepdims", 1L));
        string numbers = _builder.Integers([.. Enumerable.Range(0, AllMasks).Select(i => (long)i)]);
        string choice = _builder.Add("Unsqueeze", [_builder.Cast(_builder.Add("Equal", [best, numbers]), OnnxType.Float), _builder.Integers(1)]);
        return (_builder.Add("MatMul", [choice, logits]), _builder.Add("GatherElements", [iou, best], OnnxAttribute.Of("axis", 1L)));
    }

    /// <summary>
    /// Resizes low-resolution logits to the picture's size as postprocess_masks of segment_anything/modeling/sam.py
    /// does: resize to the input's size, crop the padding, resize to the picture. Sizes are computed in double
    /// precision, as <see cref="ImageGeometry"/> does.
    /// </summary>
    private string Enlarge(string low, string size)
    {
        _builder.Layer = "enlarge";
        string sides = _builder.Cast(size, OnnxType.Double);
        string longest = _builder.Add("ReduceMax", [sides], OnnxAttribute.Of("keepdims", 1L));
        string scaled = _builder.Add("Mul", [sides, _builder.Add("Div", [_builder.Doubles(_size), longest])]);
        string cells = _builder.Add("Div", [scaled, _builder.Doubles(_config.Encoder.SideMultiple)]);
        string rounded = _builder.Add("Floor", [_builder.Add("Add", [cells, _builder.Doubles(0.5)])]);
        string whole = _builder.Add("Mul", [_builder.Add("Max", [rounded, _builder.Doubles(1)]), _builder.Doubles(_config.Encoder.SideMultiple)]);
        string input = _builder.Add(
            "Resize", [low, "", _builder.Floats([4], 1, 1, SamConfig.MaskStride, SamConfig.MaskStride)], Linear());
        string cut = _builder.Add("Slice", [
            input, _builder.Integers(0, 0), _builder.Cast(whole, OnnxType.Int64), _builder.Integers(2, 3),
        ]);
        string target = _builder.Concat(0, _builder.Slice(_builder.Add("Shape", [low]), 0, 0, 2), _builder.Cast(size, OnnxType.Int64));
        string enlarged = _builder.Add("Resize", [cut, "", "", target], Linear());
        _builder.Layer = "";
        return enlarged;

        static OnnxAttribute[] Linear()
            => [OnnxAttribute.Of("mode", "linear"), OnnxAttribute.Of("coordinate_transformation_mode", "half_pixel")];
    }
}
