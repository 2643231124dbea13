using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using PocketSam.Cli.Reports;
using PocketSam.Training.Benchmarks;

namespace PocketSam.Cli.Verbs;

/// <summary><c>bench</c>: measures speeds as fractions of the machine's multiply-add peak in the same run.</summary>
internal sealed class BenchVerb : Verb
{
    private const string Profile = "profile";

    private static readonly string[] Measured = [.. Benchmark.All.Select(benchmark => benchmark.Name)];
    private static readonly string[] Names = [.. Measured, Profile];

    private readonly Option<string> _only = new("--only")
    {
        Description = $"What to measure: {string.Join(", ", Names)}",
        HelpName = "LIST",
        DefaultValueFactory = _ => string.Join(',', Measured),
    };

    private readonly Option<int> _runs = new("--runs")
    {
        Description = "Runs of each thing; the median counts", HelpName = "N", DefaultValueFactory = _ => 9,
    };

    private readonly Option<string> _model = CommonOptions.Model();

    public BenchVerb()
        : base(
            "bench", "Measure speed against this machine's peak", "bench", "bench --only inference --threads 2 --json -",
            "bench --only inference,everything --model vit_b --runs 3", "bench --only decoder --model vit_t", "bench --only profile")
    {
        _model.Description = "'default', a file that holds a model, or an architecture, with random weights: "
            + string.Join(", ", ModelZoo.All.Select(c => c.Name));
        _model.HelpName = "default|FILE|NAME";
        _only.Validators.Add(result =>
        {
            foreach (string name in result.Tokens.SelectMany(t => t.Value.Split(',')).Where(n => !Names.Contains(n)))
                result.AddError($"--only {name}: not one of {string.Join(", ", Names)}");
        });
        Accept(_only, _runs, _model);
    }

    protected override void Declare(ParseResult arguments, RunFiles files)
        => files.ReadModel(arguments.GetRequiredValue(_model));

    protected override void Execute(ParseResult arguments, Terminal terminal, CancellationToken cancellation)
    {
        int threads = ComputeThreads.Count;
        var meter = new Meter(threads, Math.Max(1, arguments.GetValue(_runs)), new Line(terminal), cancellation);
        string[] wanted = arguments.GetRequiredValue(_only).Split(',');
        var model = new Lazy<Sam>(() => Benchmark.ModelOf(arguments.GetRequiredValue(_model)));
        TextWriter text = TextOf(terminal);
        text.WriteLine(Text($"{Machine()}, {Meter.SimdBits}-bit vectors, {threads} threads"));
        double one = Meter.MeasurePeak(1);
        var results = new List<Measurement>();
        foreach (Benchmark benchmark in Benchmark.All.Where(benchmark => wanted.Contains(benchmark.Name)))
        {
            var measured = new List<Measurement>();
            foreach (Measurement m in benchmark.Run(meter, model))
            {
                measured.Add(m);
                string share = m.Gflop == 0 ? "" : Text($" {m.Gflop,8:0.00} GFLOP {m.FractionOfPeak,6:0.0%} of peak,");
                text.WriteLine(Text(
                    $"{m.Name,-62} {m.Threads} threads {m.MedianMs,9:0.00} ms,{share} {m.AllocatedMb,6:0.00} MB allocated"));
            }

            results.AddRange(measured);
            if (benchmark.Conclude is { } conclude)
                text.WriteLine(Text(conclude(measured)));
        }

        if (wanted.Contains(Profile))
            EncodeProfile.Write(model.Value, Math.Max(1, arguments.GetValue(_runs)), text, cancellation);
        double peak = meter.Peak;
        text.WriteLine(Text($"multiply-add peak: {one:0} GFLOP/s on one thread, {peak:0} on {threads}"));
        double memory = Process.GetCurrentProcess().PeakWorkingSet64 / 1e6;
        text.WriteLine(Text($"memory at the peak of this process: {memory:0} MB"));
        WriteJson(
            arguments, terminal, new BenchReport(Machine(), Meter.SimdBits, threads, peak, one, memory, results),
            BenchJson.Default.BenchReport);
    }

    /// <summary>The processor's name, if the system reports it, and the runtime.</summary>
    private static string Machine()
    {
        const string CpuInfo = "/proc/cpuinfo";
        string? model = File.Exists(CpuInfo)
            ? File.ReadLines(CpuInfo).FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal)) : null;
        return $"{model?.Split(':')[^1].Trim() ?? RuntimeInformation.ProcessArchitecture.ToString()}, " +
            RuntimeInformation.FrameworkDescription;
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    /// <summary>Shows on a terminal what is being measured.</summary>
    private sealed class Line(Terminal terminal) : IProgress<string>
    {
        public void Report(string value)
        {
            if (terminal.IsInteractive)
                terminal.Error.Write($"\r{value,-60}\r");
        }
    }
}
