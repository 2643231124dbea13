using BenchmarkDotNet.Attributes;
using PocketSam.Training.Benchmarks;
using PocketSam.Kernels;
using PocketSam.Models;
using PocketSam.Tensors;

namespace PocketSam.Benchmarks;

/// <summary>
/// Many prompts on one picture: the mask decoder op by op, which training records, and the one of inference that computes the
/// same; on one thread, <c>vit_t</c> at 1024.
/// </summary>
public class DecoderBenchmarks
{
    private const int PromptTokens = 2, Prompts = 16, Size = 1024;

    private readonly SamModel _model = SamModel.Create(ModelZoo.VitT, seed: 1);
    private readonly PromptToken[] _tokens =
    [
        .. Enumerable.Range(0, Prompts).SelectMany<int, PromptToken>(
            i => [new((i + 0.5f) * Size / Prompts, Size / 2, PointLabel.Foreground), PromptToken.Padding]),
    ];

    private Tensor? _embedding;
    private PreparedImage? _image;

    [GlobalSetup]
    public void Setup()
    {
        Workers.Default = 1;
        const int side = Size / SamConfig.EmbeddingStride;
        int channels = _model.Config.PromptEmbedDim;
        _embedding = Tensor.From(Values.Random(side * side * channels), 1, side, side, channels);
        _image = _model.BatchedDecoder.Prepare(_embedding);
    }

    /// <summary>What all prompts on a picture share.</summary>
    [Benchmark]
    public void Prepare() => _model.BatchedDecoder.Prepare(_embedding!);

    /// <summary>Tokens and predicted IoUs.</summary>
    [Benchmark(OperationsPerInvoke = Prompts)]
    public void PredictedIous()
    {
        using Tape tape = Tape.Inference();
        _model.BatchedDecoder.Decode(_image!, _tokens, Prompts, null);
    }

    /// <summary>The same, and three masks of each prompt.</summary>
    [Benchmark(OperationsPerInvoke = Prompts)]
    public void Masks()
    {
        using Tape tape = Tape.Inference();
        DecodedPrompts decoded = _model.BatchedDecoder.Decode(_image!, _tokens, Prompts, null);
        _model.BatchedDecoder.Upscale(decoded, [.. Enumerable.Range(0, 3 * Prompts).Select(m => new MaskChoice(m / 3, 1 + m % 3))]);
    }

    /// <summary>Four masks of each prompt op by op, two prompts at once: more have their image rows in memory, not in the cache.</summary>
    [Benchmark(Baseline = true, OperationsPerInvoke = Prompts)]
    public void OpByOp()
    {
        for (int i = 0; i < Prompts; i += 2)
        {
            using Tape tape = Tape.Inference();
            _model.Decode(_embedding!, _tokens.AsSpan(i * PromptTokens, 2 * PromptTokens), 2, null);
        }
    }
}
