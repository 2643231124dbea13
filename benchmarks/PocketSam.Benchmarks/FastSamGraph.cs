using PocketSam.Models.Yolo;
using PocketSam.Onnx;
using PocketSam.Onnx.Graphs;
using PocketSam.Onnx.Wire;

namespace PocketSam.Benchmarks;

/// <summary>
/// FastSAM's network (YOLOv8-seg of one class) as a graph of ONNX with the inputs and results that ultralytics exports: <c>images</c>
/// [1, 3, H, W] from 0 to 1, <c>output0</c> [1, 5 + masks, anchors] of centres, sizes, scores and coefficients, <c>output1</c>
/// [1, masks, H/4, W/4] of prototypes. Norms are folded into convolutions, as exporters do.
/// </summary>
/// <param name="config">Sizes of the model.</param>
/// <param name="weight">Values of a key of that shape.</param>
internal sealed class FastSamGraph(YoloConfig config, Func<string, int[], float[]> weight)
{
    /// <summary>YOLOv8's, which is not PyTorch's.</summary>
    private const float Epsilon = 1e-3f;

    private readonly GraphBuilder _builder = new(OnnxPrecision.Float32);

    /// <summary>Writes the file for an input of that size.</summary>
    public void Write(Stream stream, int width, int height)
    {
        int[] c = config.Widths;
        int few = config.ShortRepeats, many = config.LongRepeats;
        string x1 = Convolution("1", Convolution("0", "images", 3, c[0], 3, 2), c[0], c[1], 3, 2);
        string x3 = Convolution("3", C2f("2", x1, c[1], c[1], few, true), c[1], c[2], 3, 2);
        string x4 = C2f("4", x3, c[2], c[2], many, true);
        string x6 = C2f("6", Convolution("5", x4, c[2], c[3], 3, 2), c[3], c[3], many, true);
        string x8 = C2f("8", Convolution("7", x6, c[3], c[4], 3, 2), c[4], c[4], few, true);
        string x9 = Sppf("9", x8, c[4]);
        string x12 = C2f("12", _builder.Concat(1, Enlarge(x9), x6), c[4] + c[3], c[3], few, false);
        string x15 = C2f("15", _builder.Concat(1, Enlarge(x12), x4), c[3] + c[2], c[2], few, false);
        string x18 = C2f("18", _builder.Concat(1, Convolution("16", x15, c[2], c[2], 3, 2), x12), c[2] + c[3], c[3], few, false);
        string x21 = C2f("21", _builder.Concat(1, Convolution("19", x18, c[3], c[3], 3, 2), x9), c[3] + c[4], c[4], few, false);

        (string Map, int Channels, int Stride)[] levels = [(x15, c[2], 8), (x18, c[3], 16), (x21, c[4], 32)];
        string boxes = Head("cv2", config.BoxHidden, 4 * config.RegMax), scores = Head("cv3", config.ClassHidden, 1);
        string coefficients = Head("cv4", config.CoefficientHidden, config.MaskChannels);
        _builder.Output("output0", _builder.Concat(1, Boxes(boxes, levels, width, height), _builder.Add("Sigmoid", [scores]), coefficients));
        string proto = Convolution("22.proto.cv1", x15, c[2], config.ProtoChannels, 3, 1);
        int p = config.ProtoChannels;
        proto = _builder.Add(
            "ConvTranspose", [proto, Floats("22.proto.upsample.weight", p, p, 2, 2), Floats("22.proto.upsample.bias", p)],
            OnnxAttribute.Of("kernel_shape", 2L, 2L), OnnxAttribute.Of("strides", 2L, 2L));
        proto = Convolution("22.proto.cv3", Convolution("22.proto.cv2", proto, p, p, 3, 1), p, config.MaskChannels, 1, 1);
        _builder.Output("output1", proto);

        int anchors = levels.Sum(level => width / level.Stride * (height / level.Stride));
        new OnnxModel
        {
            Graph = _builder.ToGraph(
                config.Name, [new OnnxValue("images", OnnxType.Float, 1, 3, height, width)],
                [
                    new OnnxValue("output0", OnnxType.Float, 1, 5 + config.MaskChannels, anchors),
                    new OnnxValue("output1", OnnxType.Float, 1, config.MaskChannels, height / 4, width / 4),
                ]),
        }.ToWire().CopyTo(stream, CancellationToken.None);

        string Head(string branch, int hidden, int channels) => _builder.Concat(2, [.. levels.Select((level, i) =>
        {
            string key = $"22.{branch}.{i}";
            string x = Convolution($"{key}.1", Convolution($"{key}.0", level.Map, level.Channels, hidden, 3, 1), hidden, hidden, 3, 1);
            x = _builder.Add("Conv", [x, Floats($"{key}.2.weight", channels, hidden, 1, 1), Floats($"{key}.2.bias", channels)]);
            return _builder.Reshape(x, 1, channels, width / level.Stride * (height / level.Stride));
        })]);
    }

    /// <summary>Each side lies where the expectation of its bins says, in cells from the cell's centre.</summary>
    private string Boxes(string logits, (string Map, int Channels, int Stride)[] levels, int width, int height)
    {
        List<float> x = [], y = [], strides = [];
        foreach ((_, _, int stride) in levels)
        {
            for (int cell = 0; cell < width / stride * (height / stride); cell++)
            {
                x.Add(cell % (width / stride) + 0.5f);
                y.Add(cell / (width / stride) + 0.5f);
                strides.Add(stride);
            }
        }

        float[] bins = weight("22.dfl.conv.weight", [1, config.RegMax, 1, 1]);
        string shares = _builder.Add(
            "Softmax", [_builder.Reshape(logits, 1, 4, config.RegMax, x.Count)], OnnxAttribute.Of("axis", 2L));
        string sides = _builder.Add(
            "ReduceSum", [_builder.Add("Mul", [shares, _builder.Floats([1, 1, bins.Length, 1], bins)]), _builder.Integers(2)],
            OnnxAttribute.Of("keepdims", 0L));
        string centres = _builder.Floats([1, 2, x.Count], [.. x, .. y]);
        string first = _builder.Add("Sub", [centres, _builder.Slice(sides, 1, 0, 2)]);
        string last = _builder.Add("Add", [centres, _builder.Slice(sides, 1, 2, 4)]);
        string middle = _builder.Add("Mul", [_builder.Add("Add", [first, last]), _builder.Scalar(0.5f)]);
        return _builder.Add(
            "Mul", [_builder.Concat(1, middle, _builder.Add("Sub", [last, first])), _builder.Floats([1, 1, strides.Count], [.. strides])]);
    }

    private string C2f(string key, string x, int inChannels, int outChannels, int repeats, bool hasShortcut)
    {
        int half = outChannels / 2;
        string all = Convolution($"{key}.cv1", x, inChannels, outChannels, 1, 1);
        List<string> parts = [_builder.Slice(all, 1, 0, half), _builder.Slice(all, 1, half, outChannels)];
        for (int i = 0; i < repeats; i++)
        {
            string y = Convolution($"{key}.m.{i}.cv2", Convolution($"{key}.m.{i}.cv1", parts[^1], half, half, 3, 1), half, half, 3, 1);
            parts.Add(hasShortcut ? _builder.Add("Add", [parts[^1], y]) : y);
        }

        return Convolution($"{key}.cv2", _builder.Concat(1, [.. parts]), parts.Count * half, outChannels, 1, 1);
    }

    private string Sppf(string key, string x, int channels)
    {
        List<string> parts = [Convolution($"{key}.cv1", x, channels, channels / 2, 1, 1)];
        for (int i = 0; i < 3; i++)
        {
            parts.Add(_builder.Add(
                "MaxPool", [parts[^1]], OnnxAttribute.Of("kernel_shape", 5L, 5L), OnnxAttribute.Of("strides", 1L, 1L),
                OnnxAttribute.Of("pads", 2L, 2L, 2L, 2L)));
        }

        return Convolution($"{key}.cv2", _builder.Concat(1, [.. parts]), 2 * channels, channels, 1, 1);
    }

    /// <summary>Twice the size by repeating pixels.</summary>
    private string Enlarge(string x) => _builder.Add(
        "Resize", [x, "", _builder.Floats([4], 1, 1, 2, 2)], OnnxAttribute.Of("mode", "nearest"),
        OnnxAttribute.Of("coordinate_transformation_mode", "asymmetric"), OnnxAttribute.Of("nearest_mode", "floor"));

    /// <summary>A convolution with its norm folded in, and SiLU.</summary>
    private string Convolution(string key, string x, int inChannels, int outChannels, int kernel, int stride)
    {
        _builder.Layer = key;
        float[] values = [.. weight($"{key}.conv.weight", [outChannels, inChannels, kernel, kernel])];
        float[] gain = weight($"{key}.bn.weight", [outChannels]), bias = [.. weight($"{key}.bn.bias", [outChannels])];
        float[] mean = weight($"{key}.bn.running_mean", [outChannels]), variance = weight($"{key}.bn.running_var", [outChannels]);
        int depth = values.Length / outChannels;
        for (int i = 0; i < values.Length; i++)
            values[i] *= gain[i / depth] / MathF.Sqrt(variance[i / depth] + Epsilon);
        for (int channel = 0; channel < outChannels; channel++)
            bias[channel] -= mean[channel] * gain[channel] / MathF.Sqrt(variance[channel] + Epsilon);
        long pad = kernel / 2;
        string y = _builder.Add(
            "Conv", [x, _builder.Floats([outChannels, inChannels, kernel, kernel], values), _builder.Floats([outChannels], bias)],
            OnnxAttribute.Of("kernel_shape", kernel, kernel), OnnxAttribute.Of("strides", stride, stride),
            OnnxAttribute.Of("pads", pad, pad, pad, pad));
        return _builder.Add("Mul", [y, _builder.Add("Sigmoid", [y])]);
    }

    private string Floats(string key, params int[] shape) => _builder.Floats([.. shape.Select(size => (long)size)], weight(key, shape));
}
