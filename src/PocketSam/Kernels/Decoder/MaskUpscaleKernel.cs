using System.Runtime.CompilerServices;
using PocketSam.Kernels.Products;
using PocketSam.Kernels.Vectors;

namespace PocketSam.Kernels.Decoder;

/// <summary>
/// Image rows to mask logits, panel by panel: transposed 2x2 convolution, layer norm, GELU, transposed 2x2 convolution,
/// GELU, product with the filters of the masks (segment_anything/modeling/mask_decoder.py, predict_masks). The maps
/// between them never reach memory.
/// </summary>
internal unsafe struct MaskUpscaleKernel : ISimdKernel
{
    /// <summary>Outputs of a 2x2 transposed convolution for each input.</summary>
    private const int Cells = 4;

    /// <summary>Channels of an image row, rows and columns of the image, number of masks.</summary>
    public int Channels, Side, Masks;

    /// <summary>Range of panels.</summary>
    public int Start, End;

    /// <summary>Image rows as the columns of panels, <c>[panels, channels, two vectors]</c>.</summary>
    public float* Rows;

    /// <summary>
    /// First convolution: <c>[4, channels / 4, channels]</c>; its
    /// bias <c>[4, channels / 4]</c>, the same for each cell.
    /// </summary>
    public float* Weights1, Bias1;

    /// <summary>Norm over channels / 4.</summary>
    public float* NormGain, NormBias;
    public float Epsilon;

    /// <summary>
    /// Second convolution: <c>[4, channels / 8, channels / 4]</c>;
    /// its bias <c>[4, channels / 8]</c>, the same for each cell.
    /// </summary>
    public float* Weights2, Bias2;

    /// <summary>
    /// Added to the results of both convolutions, or null: panels <c>[panels, 3 channels, two vectors]</c>, first those
    /// of the first convolution, then those of the second for each cell of the first.
    /// </summary>
    public float* HighResolution;

    /// <summary><c>[masks, channels / 8]</c></summary>
    public float* Filters;

    /// <summary><c>[masks, 4 side, 4 side]</c></summary>
    public float* Logits;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Run<S, V>() where S : struct, ISimd<V> where V : struct
    {
        int width = 2 * S.Width, inner = Channels / 4, outer = Channels / 8;
        float* first = Scratch.Get(
            Scratch.Slot.Tile, (nint)width * (Channels + Cells * outer + Cells * Cells * Masks));
        float* second = first + (nint)width * Channels, logits = second + (nint)width * Cells * outer;
        for (int panel = Start; panel < End; panel++)
        {
            float* fine = HighResolution is null ? null : HighResolution + (nint)panel * 3 * Channels * width;
            new PanelProduct(
                Weights1, Channels, Rows + (nint)panel * Channels * width, first, Channels, Channels)
            {
                Bias = Bias1,
                Initial = fine,
            }.Run<S, V>();
            float* next = Rows + (nint)(panel + 1) * Channels * width;
            int share = Channels * width / (Cells * Cells);
            for (int i = 0; i < Cells; i++)
            {
                float* cell = first + (nint)i * inner * width;
                PanelLoops.Normalize<S, V, Gelu>(cell, inner, NormGain, NormBias, Epsilon, null, null);
                new PanelProduct(Weights2, inner, cell, second, Cells * outer, inner)
                {
                    Bias = Bias2,
                    Initial = fine is null ? null : fine + (nint)(Channels + i * Cells * outer) * width,
                }.Run<S, V>();
                PanelLoops.Map<S, V, Gelu>(second, Cells * outer);
                for (int j = 0; j < Cells; j++)
                {
                    // Prefetch a part of the next panel.
                    if (panel + 1 < End)
                        PanelLoops.Fetch(next + (nint)(i * Cells + j) * share, share);
                    new PanelProduct(
                        Filters, outer, second + (nint)j * outer * width,
                        logits + (nint)(i * Cells + j) * Masks * width, Masks, outer).Run<S, V>();
                }
            }

            Spread(logits, panel * width, Math.Min(width, Side * Side - panel * width));
        }
    }

    /// <summary>
    /// Writes logits [cell of the first, cell of the second convolution, mask, image row] in picture order: image row
    /// (y, x) becomes the 4x4 logits from (4 y, 4 x) on.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Spread(float* logits, int row, int count)
    {
        int width = PackedOperand.PanelWidth;
        nint cell = (nint)Masks * width, line = 4 * (nint)Side;
        for (int mask = 0; mask < Masks; mask++)
        {
            for (int y = 0; y < 4; y++)
            {
                // Cells are (row, column) of a 2x2 block: lines 0 and 1
                // come from the upper two cells of the first convolution.
                float* upper = logits + mask * width + (y / 2 * 2 * Cells + y % 2 * 2) * cell;
                float* next = upper + Cells * cell;
                for (int i = 0; i < count; i++)
                {
                    int at = row + i;
                    float* target = Logits + ((nint)mask * line + 4 * (at / Side) + y) * line + 4 * (at % Side);
                    target[0] = upper[i];
                    target[1] = upper[cell + i];
                    target[2] = next[i];
                    target[3] = next[cell + i];
                }
            }
        }
    }
}
