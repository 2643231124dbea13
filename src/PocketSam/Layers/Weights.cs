using PocketSam.Tensors;

namespace PocketSam.Layers;

/// <summary>
/// A scope of the state dict. Layers name their weights relative to it, so the code mirrors the keys.
/// </summary>
internal sealed class Weights(StateDict state, string prefix)
{
    public StateDict State { get; } = state;

    /// <summary>Key of the scope's layer, such as <c>image_encoder.layers.1.blocks.0.attn.qkv</c>.</summary>
    public string Key { get; } = prefix.TrimEnd('.');

    /// <summary>The scope <c>name.</c> within this one.</summary>
    public Weights this[string name] => new(State, $"{prefix}{name}.");

    /// <summary>The scope of item <paramref name="index"/>.</summary>
    public Weights this[int index] => new(State, $"{prefix}{index}.");

    /// <summary>A tensor that keeps its stored layout.</summary>
    public Weight Get(string name, Initializer initializer, bool decays, params int[] shape)
        => State.Add(prefix + name, shape, shape, WeightLayout.AsStored, initializer, trainable: true, decays);

    /// <summary>
    /// A matrix <c>[outputs, inputs]</c>; <paramref name="isProduct"/> tells whether only products read its values (see
    /// <see cref="Weight"/>).
    /// </summary>
    public Weight Matrix(string name, Initializer initializer, bool isProduct, int outputs, int inputs)
    {
        int[] shape = [outputs, inputs];
        return State.Add(
            prefix + name, shape, shape, WeightLayout.AsStored, initializer, trainable: true, decays: true, isProduct);
    }

    /// <summary>A tensor that gradients do not train.</summary>
    public Weight Fixed(string name, Initializer initializer, params int[] shape)
        => State.Add(prefix + name, shape, shape, WeightLayout.AsStored, initializer, trainable: false, decays: false);

    /// <summary>
    /// A convolution's kernel, <c>[out, k, k, in]</c>; <paramref name="isProduct"/> as for <see cref="Matrix"/>.
    /// </summary>
    public Weight Convolution(int outChannels, int kernel, int inChannels, bool isProduct, Initializer? initializer = null)
        => State.Add(
            $"{prefix}weight", [outChannels, inChannels, kernel, kernel], [outChannels, kernel, kernel, inChannels],
            WeightLayout.Convolution, initializer ?? Initializer.FanIn(inChannels * kernel * kernel), trainable: true, decays: true,
            isProduct);

    /// <summary>A depthwise convolution's kernel, <c>[k, k, channels]</c>.</summary>
    public Weight Depthwise(int channels, int kernel)
        => State.Add(
            $"{prefix}weight", [channels, 1, kernel, kernel], [kernel, kernel, channels],
            WeightLayout.Depthwise, Initializer.FanIn(kernel * kernel), trainable: true, decays: true);

    /// <summary>A 2x2 transposed convolution's kernel, <c>[4 * out, in]</c>.</summary>
    public Weight TransposedConvolution(int inChannels, int outChannels)
        => State.Add(
            $"{prefix}weight", [inChannels, outChannels, 2, 2], [4 * outChannels, inChannels],
            WeightLayout.TransposedConvolution, Initializer.FanIn(4 * outChannels), trainable: true, decays: true);
}
