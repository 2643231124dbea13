using PocketSam.Kernels.Vectors;
using PocketSam.Tensors;

namespace PocketSam.Layers;

/// <summary>Linear layers with ReLU between them (segment_anything/modeling/mask_decoder.py, MLP).</summary>
internal sealed class Mlp
{
    private readonly Linear[] _layers;

    public Mlp(int inputs, int hidden, int outputs, int depth, Weights w)
    {
        _layers = new Linear[depth];
        for (int i = 0; i < depth; i++)
            _layers[i] = new Linear(i == 0 ? inputs : hidden, i == depth - 1 ? outputs : hidden, w["layers"][i]);
    }

    public Tensor Forward(Tensor x)
    {
        for (int i = 0; i < _layers.Length; i++)
            x = _layers[i].Forward(x, activation: i < _layers.Length - 1 ? Activation.Relu : Activation.None);
        return x;
    }
}
