using PocketSam.Models;
using PocketSam.Tensors;
using PocketSam.Tests.Models;

namespace PocketSam.Tests.Tensors;

/// <summary>A traced graph is all that a network computes: computed again from it alone, the results are the same bits.</summary>
public sealed class TracerTests
{
    public static TheoryData<string> Encoders => ["nano", "small_vit"];

    [Theory]
    [MemberData(nameof(Encoders))]
    public void The_graph_of_an_encoder_computes_what_the_encoder_does(string name)
    {
        SamModel model = MadeUpWeights.Create(Config(name));
        var tracer = new Tracer();
        using Tape tape = Tape.Inference(tracer);
        Tensor pixels = Samples.Tensor(1, 2, 64, 64, 3);
        tracer.Input("pixels", pixels);
        Tensor embedding = model.ImageEncoder.Forward(pixels);
        tracer.Output("embedding", embedding);

        Graph graph = tracer.ToGraph();
        AssertWhole(graph);
        Assert.DoesNotContain(graph.Values, v => v.Constant is not null);
        Tensor other = Samples.Tensor(2, 2, 64, 64, 3);
        Assert.Equal(embedding.Span.ToArray(), GraphInterpreter.Run(graph, pixels)[0].Span.ToArray());
        Assert.Equal(model.ImageEncoder.Forward(other).Span.ToArray(), GraphInterpreter.Run(graph, other)[0].Span.ToArray());
    }

    [Fact]
    public void The_graph_of_an_encoder_of_patches_computes_what_the_encoder_does()
    {
        SamModel model = MadeUpWeights.Create(DinoVisionTransformerTests.Small(registers: 1));
        var tracer = new Tracer();
        using Tape tape = Tape.Inference(tracer);
        EncoderInput input = DinoVisionTransformerTests.Input(96, (6, 4));
        tracer.Input("pixels", input.Pixels);
        tracer.Input("patches", input.Patches![0]);
        Tensor features = model.ImageEncoder.Forward(input);
        tracer.Output("features", features);

        Graph graph = tracer.ToGraph();
        AssertWhole(graph);
        Assert.DoesNotContain(graph.Values, v => v.Constant is not null);
        Assert.Equal(
            features.Span.ToArray(), GraphInterpreter.Run(graph, input.Pixels, input.Patches[0])[0].Span.ToArray());
    }

    [Fact]
    public void The_graph_of_the_mask_decoder_computes_what_the_decoder_does()
    {
        const int Prompts = 2, Tokens = 3, Side = 4, Channels = 32;
        SamModel model = MadeUpWeights.Create(ModelZoo.Nano);
        var tracer = new Tracer();
        using Tape tape = Tape.Inference(tracer);
        Tensor image = Samples.Tensor(1, Prompts, Side, Side, Channels), sparse = Samples.Tensor(2, Prompts, Tokens, Channels);
        tracer.Input("image", image);
        tracer.Input("sparse", sparse);
        (Tensor logits, Tensor iou) = model.MaskDecoder.Forward(image, model.PromptEncoder.DensePositions(Side), sparse);
        tracer.Output("logits", logits);
        tracer.Output("iou", iou);

        Graph graph = tracer.ToGraph();
        AssertWhole(graph);
        Assert.Single(graph.Values, v => v.Constant is not null); // positions of the image rows
        Tensor[] again = GraphInterpreter.Run(graph, image, sparse);
        Assert.Equal(logits.Span.ToArray(), again[0].Span.ToArray());
        Assert.Equal(iou.Span.ToArray(), again[1].Span.ToArray());
    }

    [Fact]
    public void Nodes_say_their_layer_attributes_and_shapes()
    {
        SamModel model = MadeUpWeights.Create(ModelZoo.Nano);
        var tracer = new Tracer();
        using Tape tape = Tape.Inference(tracer);
        model.ImageEncoder.Forward(Samples.Tensor(1, 1, 64, 64, 3));
        Graph graph = tracer.ToGraph();

        GraphNode stem = graph.Nodes[0], qkv = graph.Nodes.First(n => n.Layer == "image_encoder.layers.1.blocks.0.attn.qkv");
        Assert.Equal(("Conv2d", "image_encoder.patch_embed.seq.0"), (stem.Op, stem.Layer));
        Assert.Equal(2, stem.Attributes["stride"]);
        Assert.Equal("Gelu", stem.Attributes["activation"]);
        Assert.Equal([1, 32, 32], graph.Values[stem.Output].Shape[..3]);
        Assert.Equal("image_encoder.patch_embed.seq.0.weight", graph.Values[stem.Inputs[1]].Name);
        Assert.Equal("Linear", qkv.Op);
        Assert.Equal(
            ["image_encoder.layers.1.blocks.0.attn.qkv.weight", "image_encoder.layers.1.blocks.0.attn.qkv.bias"],
            qkv.Inputs.Skip(1).Take(2).Select(id => graph.Values[id].Name));
        Assert.Equal(GraphNode.Absent, qkv.Inputs[3]);
        Assert.Same(
            model.State.Entries.Single(e => e.Key == "image_encoder.layers.1.blocks.0.attn.qkv.weight").Weight,
            graph.Weights["image_encoder.layers.1.blocks.0.attn.qkv.weight"]);
        Assert.All(graph.Nodes, n => Assert.StartsWith("image_encoder", n.Layer, StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Encoders))]
    public void A_trace_without_values_is_the_same_graph(string name)
    {
        SamModel model = MadeUpWeights.Create(Config(name));
        Graph computed = Trace(new Tracer()), described = Trace(new Tracer(computes: false));
        Assert.Equal(computed.Values.Select(v => (string.Join(',', v.Shape), v.Name)), described.Values.Select(v => (string.Join(',', v.Shape), v.Name)));
        Assert.Equal(
            computed.Nodes.Select(n => (n.Op, n.Layer, n.Output, string.Join(',', n.Inputs))),
            described.Nodes.Select(n => (n.Op, n.Layer, n.Output, string.Join(',', n.Inputs))));

        Graph Trace(Tracer tracer)
        {
            using Tape tape = Tape.Inference(tracer);
            Tensor pixels = Samples.Tensor(1, 2, 64, 64, 3);
            tracer.Input("pixels", pixels);
            tracer.Output("embedding", model.ImageEncoder.Forward(pixels));
            return tracer.ToGraph();
        }
    }

    [Fact]
    public void Weights_without_a_key_cannot_be_traced()
    {
        using Tape tape = Tape.Inference(new Tracer());
        Assert.Throws<InvalidOperationException>(() => Samples.Tensor(1, 2, 4).Linear(Samples.Weight(2, 3, 4), null));
    }

    [Fact]
    public void The_batched_decoder_makes_no_single_ops()
    {
        BatchedMaskDecoder decoder = MadeUpWeights.Create(ModelZoo.Nano).BatchedDecoder;
        PreparedImage image = decoder.Prepare(Samples.Tensor(1, 1, 4, 4, 32));
        using Tape tape = Tape.Inference(new Tracer());
        Assert.Throws<InvalidOperationException>(
            () => decoder.Decode(image, BatchedMaskDecoderTests.Tokens(1, 2, 64), 1, null));
    }

    private static SamConfig Config(string name)
        => name == "nano" ? ModelZoo.Nano : ImageEncoderViTTests.Small(size: 64, window: 3, channels: 12, heads: 2);

    /// <summary>Every value is known before it is read, and every input, weight and result is used.</summary>
    private static void AssertWhole(Graph graph)
    {
        var known = graph.Inputs.ToHashSet();
        known.UnionWith(Enumerable.Range(0, graph.Values.Count)
            .Where(i => graph.Values[i].IsWeight || graph.Values[i].Constant is not null));
        var read = new HashSet<int>(graph.Outputs);
        foreach (GraphNode node in graph.Nodes)
        {
            foreach (int input in node.Inputs.Where(i => i != GraphNode.Absent))
            {
                Assert.Contains(input, known);
                read.Add(input);
            }

            Assert.True(known.Add(node.Output));
        }

        Assert.Equal(Enumerable.Range(0, graph.Values.Count), known.Order());
        Assert.Equal(Enumerable.Range(0, graph.Values.Count), read.Order());
        Assert.Equal(graph.Weights.Keys.Order(), graph.Values.Where(v => v.IsWeight).Select(v => v.Name).Order());
    }
}
