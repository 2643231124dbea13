using PocketSam.Training.Data.Effects;

namespace PocketSam.Training.Evaluation;

/// <summary>Points outside of an object, at a distance from a point on it.</summary>
internal static class BackgroundPoint
{
    /// <summary>
    /// Draws a pixel outside of the object at the given distance, to the nearest pixel, with equal probabilities. Null
    /// if there is none.
    /// </summary>
    /// <param name="truth">The object, as a mask of the picture's size.</param>
    /// <param name="foreground">The point on the object.</param>
    /// <param name="distance">Distance in pixels of the picture, above 0, not necessarily whole.</param>
    /// <param name="seed">The seed of the draw.</param>
    public static Click? Draw(BinaryMask truth, Click foreground, double distance, ulong seed)
    {
        double least = Math.Max(0, distance - 0.5), most = distance + 0.5;
        List<Click> ring = [];
        int top = Math.Max(0, foreground.Y - (int)most), bottom = Math.Min(truth.Height - 1, foreground.Y + (int)most);
        for (int y = top; y <= bottom; y++)
        {
            int dy = y - foreground.Y;
            int reach = (int)Math.Sqrt(Math.Max(0, most * most - (double)dy * dy));
            for (int x = Math.Max(0, foreground.X - reach); x <= Math.Min(truth.Width - 1, foreground.X + reach); x++)
            {
                int dx = x - foreground.X;
                double squared = (double)dx * dx + (double)dy * dy;
                if (squared >= least * least && squared < most * most && !truth[x, y])
                    ring.Add(new Click(x, y, IsForeground: false));
            }
        }

        return ring.Count == 0 ? null : ring[new RandomStream(seed).Below(ring.Count)];
    }
}
