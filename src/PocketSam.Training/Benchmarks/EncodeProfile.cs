using System.Diagnostics;
using System.Globalization;
using PocketSam.Tensors;
using PocketSam.Training.Data.Scenes;

namespace PocketSam.Training.Benchmarks;

/// <summary>Profiles an encode by layer.</summary>
public static class EncodeProfile
{
    /// <summary>
    /// Encodes a generated picture and writes a table: for each layer the fraction and milliseconds of one encode, its
    /// GFLOP and its GFLOP/s, the slowest of each level first. Layers are keys of the checkpoint; ops are in brackets.
    /// </summary>
    /// <param name="sam">The model.</param>
    /// <param name="runs">Number of encodes to average over; at least 1.</param>
    /// <param name="text">Receives the table.</param>
    /// <param name="cancellation">Checked between encodes.</param>
    public static void Write(Sam sam, int runs, TextWriter text, CancellationToken cancellation)
    {
        RgbImage image = new SceneGenerator(new SceneOptions { Width = 512, Height = 512 }).Draw(1).Image;
        sam.Encode(image).Dispose();
        var profiler = new Profiler();
        double whole = 0;
        for (int i = 0; i < runs; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            long start = Stopwatch.GetTimestamp();
            using (Tape.Inference(profiler))
                sam.Encode(image).Dispose();
            whole += Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        }

        ProfileNode tree = ProfileNode.Tree(profiler.Ops);
        text.WriteLine(Text(
            $"profile of an encode, {sam.Config.Name} at {sam.Config.ImageSize}: {whole / runs:0.00} ms, {tree.Milliseconds / whole:0.0%} of it in ops"));
        text.WriteLine("   share        ms     GFLOP  GFLOP/s  layer [op]");
        Write(tree, indent: 0);

        void Write(ProfileNode node, int indent)
        {
            double gflop = 2e-9 * node.MultiplyAdds, speed = gflop / node.Milliseconds * 1000;
            string name = node.Op.Length == 0 ? node.Name : $"{node.Name} [{node.Op}]".TrimStart();
            text.WriteLine(Text(
                $"{node.Milliseconds / whole,8:0.0%} {node.Milliseconds / runs,9:0.00} {gflop / runs,9:0.000} {speed,8:0}  {new string(' ', 2 * indent)}{name}").TrimEnd());
            foreach (ProfileNode child in node.Children)
                Write(child, indent + 1);
        }
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
