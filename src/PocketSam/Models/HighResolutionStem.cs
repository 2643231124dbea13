using PocketSam.Layers;
using PocketSam.Tensors;

namespace PocketSam.Models;

/// <summary>
/// Features of the picture at 1/4 and 1/8 of the input's resolution, which the mask decoder adds while it upscales (as
/// SAM 2 does with the first stages of its encoder): three convolutions of stride 2, with the maps after the second and
/// the third projected to the decoder's channels. The projections start at zero, so a decoder that was trained without
/// these features keeps its results.
/// </summary>
internal sealed class HighResolutionStem
{
    private readonly Conv2d[] _convolutions = new Conv2d[3];
    private readonly LayerNorm[] _norms = new LayerNorm[3];
    private readonly Conv2d _toQuarter;
    private readonly Conv2d _toEighth;

    /// <param name="hidden">Channels of the three convolutions.</param>
    /// <param name="channels">Channels of the mask decoder.</param>
    /// <param name="w">The scope <c>high_res</c>.</param>
    public HighResolutionStem(int[] hidden, int channels, Weights w)
    {
        for (int i = 0, before = 3; i < 3; before = hidden[i++])
        {
            _convolutions[i] = new Conv2d(before, hidden[i], kernel: 3, w[$"conv{i + 1}"], stride: 2, padding: 1);
            _norms[i] = new LayerNorm(hidden[i], w[$"norm{i + 1}"], LayerNorm.Epsilon2d);
        }

        _toQuarter = new Conv2d(hidden[1], channels / 8, kernel: 1, w["to_s4"], initializer: Initializer.Zeros);
        _toEighth = new Conv2d(hidden[2], channels / 4, kernel: 1, w["to_s8"], initializer: Initializer.Zeros);
    }

    /// <summary>Pixels [B, S, S, 3] to [B, S/4, S/4, C/8] and [B, S/8, S/8, C/4].</summary>
    public (Tensor Quarter, Tensor Eighth) Forward(Tensor pixels)
    {
        Tensor half = Step(0, pixels), quarter = Step(1, half), eighth = Step(2, quarter);
        return (_toQuarter.Forward(quarter), _toEighth.Forward(eighth));
    }

    private Tensor Step(int i, Tensor x) => _norms[i].Forward(_convolutions[i].Forward(x)).Gelu();
}
