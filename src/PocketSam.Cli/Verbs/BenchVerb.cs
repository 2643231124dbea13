using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using PocketSam.Cli.Reports;
using PocketSam.Training.Benchmarks;

namespace PocketSam.Cli.Verbs;

/// <summary><c>bench</c>: speeds as fractions of what this machine's multiply-add units reach in the same run.</summary>
internal sealed class BenchVerb : Verb
{
    private static readonly string[] Groups = ["gemm", "inference", "decoder", "everything", "training", "profile"];

    private readonly Option<string> _only = new("--only")
    {
        Description = $"What to measure: {string.Join(", ", Groups)}",
        HelpName = "LIST",
        DefaultValueFactory = _ => string.Join(',', Groups),
    };

    private readonly Option<int> _runs = new("--runs")
    {
        Description = "Runs of each thing; the median counts", HelpName = "N", DefaultValueFactory = _ => 9,
    };

    private readonly Option<string> _model = CommonOptions.Model();

    public BenchVerb()
        : base(
            "bench", "Measure speed against this machine's peak", "bench", "bench --only gemm --threads 2 --json -",
            "bench --only inference --model vit_b --runs 3", "bench --only decoder --model vit_t",
            "bench --only profile")
    {
        _model.Description = "'default', a file that holds a model, or an architecture, with random weights: "
            + string.Join(", ", ModelZoo.All.Select(c => c.Name));
        _model.HelpName = "default|FILE|NAME";
        _only.Validators.Add(result =>
        {
            foreach (string name in result.Tokens.SelectMany(t => t.Value.Split(',')).Where(n => !Groups.Contains(n)))
                result.AddError($"--only {name}: not one of {string.Join(", ", Groups)}");
        });
        Accept(_only, _runs, _model);
    }

    protected override void Execute(ParseResult arguments, Terminal terminal, CancellationToken cancellation)
    {
        int threads = ComputeThreads.Count;
        var bench = new Benchmark(threads, Math.Max(1, arguments.GetValue(_runs)), new Line(terminal), cancellation);
        string[] groups = arguments.GetRequiredValue(_only).Split(',');
        TextWriter text = TextOf(arguments, terminal);
        double one = Benchmark.MeasurePeak(1);
        text.WriteLine(Text($"{Machine()}, {Benchmark.SimdBits}-bit vectors, {threads} threads"));
        var results = new List<Measurement>();
        if (groups.Contains("gemm"))
        {
            Measurement single = Add(bench.Products(1)), all = single;
            if (threads > 1)
            {
                all = Add(bench.Products(threads));
                text.WriteLine(Text($"{threads} threads are {single.MedianMs / all.MedianMs:0.00} times as fast as one"));
            }
        }

        if (groups.Contains("inference"))
        {
            Measurement decode = Add(bench.Inference(Benchmark.ModelOf(arguments.GetRequiredValue(_model)))), encode = results[^2];
            text.WriteLine(Text($"a click takes {decode.MedianMs / encode.MedianMs:0.0%} of the time of encoding"));
        }

        if (groups.Contains("decoder"))
        {
            Add(bench.Decoder(Benchmark.ModelOf(arguments.GetRequiredValue(_model))));
            Measurement masks = results[^2], plain = results[^1];
            text.WriteLine(Text($"the plain decoder takes {plain.MedianMs / masks.MedianMs:0.0} times as long for its masks"));
        }

        if (groups.Contains("everything"))
        {
            Measurement dense = Add(bench.Everything(Benchmark.ModelOf(arguments.GetRequiredValue(_model)))), hierarchical = results[^2];
            text.WriteLine(Text($"the hierarchy is {dense.MedianMs / hierarchical.MedianMs:0.0} times as fast"));
        }

        if (groups.Contains("training"))
            Add(bench.Training());
        if (groups.Contains("profile"))
        {
            EncodeProfile.Write(
                Benchmark.ModelOf(arguments.GetRequiredValue(_model)), Math.Max(1, arguments.GetValue(_runs)), text, cancellation);
        }

        double peak = bench.Peak > 0 ? bench.Peak : Benchmark.MeasurePeak(threads);
        text.WriteLine(Text($"multiply-add peak: {one:0} GFLOP/s on one thread, {peak:0} on {threads}"));
        double memory = Process.GetCurrentProcess().PeakWorkingSet64 / 1e6;
        text.WriteLine(Text($"memory at the peak of this process: {memory:0} MB"));
        WriteJson(
            arguments, terminal, new BenchReport(Machine(), Benchmark.SimdBits, threads, peak, one, memory, results),
            BenchJson.Default.BenchReport);

        Measurement Add(IEnumerable<Measurement> measurements)
        {
            foreach (Measurement m in measurements)
            {
                results.Add(m);
                string share = m.Gflop == 0 ? "" : Text($" {m.Gflop,8:0.00} GFLOP {m.FractionOfPeak,6:0.0%} of peak,");
                text.WriteLine(Text(
                    $"{m.Name,-62} {m.Threads} threads {m.MedianMs,9:0.00} ms,{share} {m.AllocatedMb,6:0.00} MB allocated"));
            }

            return results[^1];
        }
    }

    /// <summary>The processor's name, where the system tells it.</summary>
    private static string Machine()
    {
        const string CpuInfo = "/proc/cpuinfo";
        string? model = File.Exists(CpuInfo)
            ? File.ReadLines(CpuInfo).FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal)) : null;
        return $"{model?.Split(':')[^1].Trim() ?? RuntimeInformation.ProcessArchitecture.ToString()}, " +
            RuntimeInformation.FrameworkDescription;
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    /// <summary>Says what is being measured, where somebody watches.</summary>
    private sealed class Line(Terminal terminal) : IProgress<string>
    {
        public void Report(string value)
        {
            if (terminal.IsInteractive)
                terminal.Error.Write($"\r{value,-60}\r");
        }
    }
}
