using PocketSam.Onnx;
using PocketSam.Onnx.Wire;

namespace PocketSam.Tests.Onnx;

/// <summary>Weights out of files of ONNX: a model read from them finds the same masks.</summary>
public sealed class OnnxWeightsTests
{
    private const string Transposed = ".transposed";

    public static TheoryData<string, bool> Models => new()
    {
        { "nano", false }, { "nano", true }, { "pocket", false }, { "pocket", true },
    };

    [Theory]
    [MemberData(nameof(Models))]
    public void A_model_read_from_its_export_finds_the_same_masks(string name, bool isOfPyTorch)
    {
        OnnxPair pair = ExportedModels.Export(name, new OnnxExportOptions { LowResolution = true });
        string[] files = [pair.Encoder, pair.Decoder];
        if (isOfPyTorch)
            files = [.. files.Select(LikePyTorch)];
        Checkpoint checkpoint = OnnxWeights.Read(files, null, out IReadOnlyList<string> missing);
        Assert.Empty(missing);
        string written = Path.Combine(ExportedModels.NewFolder(), "again.safetensors");
        CheckpointFile.Write(written, checkpoint.Tensors, checkpoint.Metadata);

        Sam sam = ExportedModels.Model(name), again = Sam.Load(written);
        Assert.Equal(name, again.Config.Name);
        var picture = new RgbImage(120, 90);
        for (int i = 0; i < picture.Pixels.Length; i++)
            picture.Pixels[i] = (byte)(i * 37 % 251);
        using ImageEmbedding before = sam.Encode(picture), after = again.Encode(picture);
        float[] expected = before.ToArray();
        GoldenExportTests.AssertClose(after.ToArray(), expected, GoldenExportTests.EmbeddingTolerance * expected.Max(MathF.Abs));
        Mask one = sam.Predict(before, Prompt.Point(40, 40)).Best, two = again.Predict(after, Prompt.Point(40, 40)).Best;
        Assert.Equal(one.PredictedIou, two.PredictedIou, 1e-3f);
    }

    [Fact]
    public void A_decoder_alone_says_what_is_missing()
    {
        Checkpoint checkpoint = OnnxWeights.Read([ExportedModels.Export("nano").Decoder], null, out IReadOnlyList<string> missing);
        Assert.NotEmpty(missing);
        Assert.All(missing, key => Assert.StartsWith("image_encoder.", key, StringComparison.Ordinal));
        Assert.Contains("mask_decoder.iou_token.weight", checkpoint.Tensors.Keys);
    }

    [Fact]
    public void A_graph_of_something_else_is_refused()
    {
        string file = Path.Combine(ExportedModels.NewFolder(), "other.onnx");
        OnnxModel model = OnnxModel.Read(ExportedModels.Export("nano").Decoder);
        using (FileStream stream = File.Create(file))
        {
            (model with { Metadata = new Dictionary<string, string>(), Graph = model.Graph with { Initializers = [.. model.Graph.Initializers.Take(3)] } })
                .ToWire().CopyTo(stream);
        }

        var e = Assert.Throws<OnnxFormatException>(() => OnnxWeights.Read([file], null, out _));
        Assert.StartsWith($"{file}: neither an image encoder nor a mask decoder of any known architecture", e.Message, StringComparison.Ordinal);
    }

    /// <summary>
    /// The file as PyTorch's exporter would name it: matrices and kernels have names of their own, nodes are named by modules with
    /// slashes, and nothing tells the architecture. Of modules whose methods are called the outermost names are left out.
    /// </summary>
    private static string LikePyTorch(string path)
    {
        OnnxModel model = OnnxModel.Read(path);
        var names = new Dictionary<string, string>();
        foreach (OnnxTensor tensor in model.Graph.Initializers)
        {
            bool isKernel = tensor.Shape.Count == 4 && model.Graph.Nodes.Any(n => n.OpType == "Conv" && n.Inputs[1] == tensor.Name);
            if (tensor.Name.EndsWith(Transposed, StringComparison.Ordinal) || isKernel)
                names[tensor.Name] = $"onnx::MatMul_{1900 + names.Count}";
        }

        string file = Path.Combine(ExportedModels.NewFolder(), Path.GetFileName(path));
        using FileStream stream = File.Create(file);
        (model with
        {
            Metadata = new Dictionary<string, string>(),
            Graph = model.Graph with
            {
                Initializers = [.. model.Graph.Initializers.Select(t => t with { Name = names.GetValueOrDefault(t.Name, t.Name) })],
                Nodes =
                [
                    .. model.Graph.Nodes.Select(n => n with
                    {
                        Inputs = [.. n.Inputs.Select(i => names.GetValueOrDefault(i, i))],
                        Name = Node(n.Name),
                    }),
                ],
            },
        }).ToWire().CopyTo(stream);
        return file;
    }

    /// <summary><c>mask_decoder.transformer.layers.0.mlp.lin1/MatMul</c> as <c>/transformer/layers.0/mlp/lin1/MatMul</c></summary>
    private static string Node(string name)
    {
        int slash = name.LastIndexOf('/');
        if (slash < 0)
            return name;
        var parts = new List<string>();
        foreach (string part in name[..slash].Split('.'))
        {
            if (char.IsAsciiDigit(part[0]) && parts.Count > 0)
                parts[^1] += "." + part;
            else if (part is not ("mask_decoder" or "prompt_encoder"))
                parts.Add(part);
        }

        return $"/{string.Join('/', parts)}/{name[(slash + 1)..]}";
    }
}
