namespace PocketSam.Segmentation.Everything;

/// <summary>
/// Which points of the whole grid need not be asked for, because masks of the coarse one hold them with confidence
/// (TinySAM, section 3.4).
/// </summary>
/// <param name="pixels">The pixels of these points.</param>
/// <param name="threshold">The logit that counts as confidence.</param>
/// <param name="votes">Points of the coarse grid with such a mask that it takes.</param>
internal sealed unsafe class Coverage((int X, int Y)[] pixels, float threshold, int votes)
{
    private readonly int[] _votes = new int[pixels.Length];
    private readonly int[] _lastVoter = [.. Enumerable.Repeat(-1, pixels.Length)];

    /// <summary>Counts a mask of point <paramref name="voter"/> of the coarse grid; its masks follow each other.</summary>
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

    /// <summary>Whether point <paramref name="index"/> need not be asked for.</summary>
    public bool this[int index] => _votes[index] >= votes;
}
