namespace PocketSam.Segmentation.Everything;

/// <summary>
/// The points of the full grid that can be skipped, because masks from the coarse grid cover them with confidence
/// (TinySAM, arXiv:2312.13789, section 3.4).
/// </summary>
/// <param name="pixels">The pixels of the full grid's points.</param>
/// <param name="threshold">The logit from which a pixel counts as confident.</param>
/// <param name="votes">The number of coarse points with such a mask that is required.</param>
internal sealed unsafe class Coverage((int X, int Y)[] pixels, float threshold, int votes)
{
    private readonly int[] _votes = new int[pixels.Length];
    private readonly int[] _lastVoter = [.. Enumerable.Repeat(-1, pixels.Length)];

    /// <summary>
    /// Counts a mask of point <paramref name="voter"/> of the coarse
    /// grid. The masks of one point are added consecutively.
    /// </summary>
    public void Add(MaskUpsampler upsampler, float* low, int voter)
    {
        for (int i = 0; i < pixels.Length; i++)
        {
            if (_votes[i] < votes && _lastVoter[i] != voter && upsampler.Logit(low, pixels[i].X, pixels[i].Y) > threshold)
            {
                _votes[i]++;
                _lastVoter[i] = voter;
            }
        }
    }

    /// <summary>Whether point <paramref name="index"/> of the full grid can be skipped.</summary>
    public bool this[int index] => _votes[index] >= votes;
}
