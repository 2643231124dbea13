using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using PocketSam.Cli.Planning;
using PocketSam.Cli.Reports;

namespace PocketSam.Cli.Verbs;

/// <summary><c>plan</c>: estimates the time and resources for many pictures on many machines.</summary>
internal sealed class PlanVerb : Verb
{
    private const string Embed = "embed", Everything = "everything";
    private const double Kilobyte = 1e3, Megabyte = 1e6, Gigabyte = 1e9, Gigabit = 1.25e8;

    /// <summary>Bytes of one value in a cache.</summary>
    private const int HalfBytes = 2;

    /// <summary>Approximate bytes of a mask in a COCO file: its run lengths and properties.</summary>
    private const double BytesOfMask = 500;

    private readonly Option<long> _photos = new("--photos")
    {
        Description = "Pictures", HelpName = "N", Required = true,
    };

    private readonly Option<int?> _nodes = CommonOptions.Number("--nodes", "Machines", least: 1, byDefault: 1, most: 100_000);
    private readonly Option<int?> _cores = CommonOptions.Number(
        "--cores", "Processors of a machine (default: as many as here)", least: 1, most: 4096);

    private readonly Option<int?> _tasks = CommonOptions.Number(
        "--tasks", "Shares that the pictures are dealt out in (default: eight for each machine)", least: 1, most: 1_000_000);

    private readonly Option<string> _work = new("--work")
    {
        Description = "What is done with each picture", HelpName = $"{Embed}|{Everything}", DefaultValueFactory = _ => Embed,
    };

    private readonly Option<double?> _seconds = Amount(
        "--core-seconds", "Seconds that a picture takes one processor (default: measured here and now, with the model)");

    private readonly Option<double?> _photoSize = Amount("--photo-kilobytes", "Kilobytes of a picture's file (default: 500)");
    private readonly Option<double?> _resultSize = Amount(
        "--result-kilobytes", "Kilobytes of a picture's result (default: the embedding's; of everything those of the masks that were found)");

    private readonly Option<double?> _network = Amount("--network", "Gigabits a second that reach a machine (default: 10)");
    private readonly Option<double?> _storage = Amount("--storage", "Gigabytes a second of the storage that all share (default: 2)");
    private readonly Option<double?> _failures = Amount("--failure-hours", "Hours between two failures of a machine, in the mean; 0 for none (default: 2000)");
    private readonly Option<double?> _down = Amount("--down-hours", "Hours that a machine is gone that fails (default: 1)");
    private readonly Option<int?> _seed = CommonOptions.Number("--seed", "Draws the failures", least: 0, byDefault: 1);
    private readonly Option<string> _model = CommonOptions.Model();
    private readonly Option<int?> _imageSize = CommonOptions.ImageSize();

    public PlanVerb()
        : base(
            "plan", "Say how long many pictures take on many machines, with machines that fail, and what they need",
            "plan --photos 11000000 --nodes 64 --cores 64",
            "plan --photos 11000000 --nodes 64 --cores 64 --work everything --core-seconds 4.5 --failure-hours 500")
    {
        _work.AcceptOnlyFromAmong(Embed, Everything);
        _photos.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<long>() is < 1 or > 1_000_000_000_000)
                result.AddError($"{_photos.Name}: must be from 1 to 1000000000000");
        });
        Accept(
            _photos, _nodes, _cores, _tasks, _work, _seconds, _photoSize, _resultSize, _network, _storage, _failures, _down, _seed, _model,
            _imageSize);
    }

    protected override void Declare(ParseResult arguments, RunFiles files) => files.ReadModel(arguments.GetRequiredValue(_model));

    protected override void Execute(ParseResult arguments, Terminal terminal, CancellationToken cancellation)
    {
        string work = arguments.GetRequiredValue(_work);
        Sam sam = Sam.Load(arguments.GetRequiredValue(_model));
        int imageSize = arguments.GetValue(_imageSize) ?? sam.Config.ImageSize;
        sam.Config.ValidateInputSize(imageSize);
        int side = imageSize / SamConfig.EmbeddingStride, nodes = arguments.GetRequiredValue(_nodes)!.Value;
        double resultBytes = (double)HalfBytes * side * side * sam.Config.FeatureChannels;
        double seconds;
        string rate;
        long? memory = null;
        if (arguments.GetValue(_seconds) is { } given)
        {
            (seconds, rate) = (given, string.Create(CultureInfo.InvariantCulture, $"{given} s of one processor a picture, as given"));
            if (work == Everything)
                resultBytes = 60 * BytesOfMask;
        }
        else
        {
            (seconds, int masks) = terminal.WithProgress("measuring", progress => Measure(sam, imageSize, work == Everything, progress, cancellation));
            int threads = ComputeThreads.Count;
            rate = string.Create(
                CultureInfo.InvariantCulture,
                $"{seconds:0.000} s of one processor a picture, measured here with {threads} of {Environment.ProcessorCount} processors: {sam.Name} at {imageSize}");
            if (work == Everything)
                resultBytes = masks * BytesOfMask;
            using var self = Process.GetCurrentProcess();
            memory = self.PeakWorkingSet64;
        }

        if (!(seconds > 0))
            throw new UsageException($"{_seconds.Name}: must be more than 0");
        var cluster = new Cluster(
            arguments.GetValue(_photos), nodes, arguments.GetValue(_cores) ?? Environment.ProcessorCount,
            (int)Math.Min(arguments.GetValue(_tasks) ?? 8L * nodes, arguments.GetValue(_photos)), seconds,
            (arguments.GetValue(_photoSize) ?? 500) * Kilobyte, arguments.GetValue(_resultSize) * Kilobyte ?? resultBytes,
            Positive(arguments, _network, 10) * Gigabit, Positive(arguments, _storage, 2) * Gigabyte,
            arguments.GetValue(_failures) ?? 2000, arguments.GetValue(_down) ?? 1,
            // A cache is saved at least every ten minutes, masks after each picture.
            work == Embed ? 600 : seconds / (arguments.GetValue(_cores) ?? Environment.ProcessorCount));
        PlanReport report = Play(cluster, work, rate, memory, arguments.GetRequiredValue(_seed)!.Value, cancellation);
        WriteReport(report, TextOf(terminal));
        WriteJson(arguments, terminal, report, PlanJson.Default.PlanReport);
    }

    private static PlanReport Play(Cluster cluster, string work, string rate, long? memory, int seed, CancellationToken cancellation)
    {
        const int MostRuns = 200, LeastRuns = 10, MostTasks = 2_000_000;
        var simulation = new ScheduleSimulation(cluster);
        var random = new Random(seed);
        var runs = new ScheduleRun[Math.Clamp(MostTasks / cluster.Tasks, LeastRuns, MostRuns)];
        for (int i = 0; i < runs.Length; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            runs[i] = simulation.Run(random);
        }

        double[] hours = [.. runs.Select(run => run.Hours).Order()];
        return new PlanReport(
            work, rate, cluster, cluster.CoreHours, cluster.IdealHours, hours.Average(), hours[(int)Math.Ceiling(0.9 * hours.Length) - 1],
            runs.Average(run => run.Failures), runs.Average(run => run.LostCoreHours), cluster.Photos * cluster.PhotoBytes,
            cluster.Photos * cluster.ResultBytes, cluster.StorageLoad, memory, runs.Length);
    }

    /// <summary>Core seconds for a picture, the median of several runs, and the number of masks found.</summary>
    private static (double CoreSeconds, int Masks) Measure(
        Sam sam, int imageSize, bool everything, IProgress<double> progress, CancellationToken cancellation)
    {
        const int Pictures = 3;
        var generator = everything ? new MaskGenerator(sam, MaskGeneratorOptions.For(sam.Config)) : null;
        double[] seconds = new double[Pictures];
        int masks = 0;
        RgbImage picture = Discs();
        using (sam.Encode(picture, imageSize, cancellation))
        {
            // One-time work is not part of the rate.
        }

        for (int i = 0; i < Pictures; i++)
        {
            long start = Stopwatch.GetTimestamp();
            if (generator is not null)
            {
                masks = generator.Generate(picture, imageSize, cancellation: cancellation).Count;
            }
            else
            {
                using ImageEmbedding embedding = sam.Encode(picture, imageSize, cancellation);
            }

            seconds[i] = Stopwatch.GetElapsedTime(start).TotalSeconds;
            progress.Report((i + 1.0) / Pictures);
        }

        Array.Sort(seconds);
        return (seconds[Pictures / 2] * ComputeThreads.Count, masks);
    }

    /// <summary>A picture with discs of many sizes and colours.</summary>
    private static RgbImage Discs()
    {
        var picture = new RgbImage(1024, 768);
        var random = new Random(1);
        for (int disc = 0; disc < 60; disc++)
        {
            int radius = random.Next(12, 90), left = random.Next(picture.Width), top = random.Next(picture.Height);
            byte[] color = new byte[3];
            random.NextBytes(color);
            for (int y = Math.Max(0, top - radius); y < Math.Min(picture.Height, top + radius); y++)
            {
                int half = (int)Math.Sqrt(radius * radius - (y - top) * (y - top));
                for (int x = Math.Max(0, left - half); x < Math.Min(picture.Width, left + half); x++)
                    color.CopyTo(picture.Pixels.AsSpan(3 * (y * picture.Width + x)));
            }
        }

        return picture;
    }

    private static void WriteReport(PlanReport report, TextWriter text)
    {
        Cluster cluster = report.Cluster;
        text.WriteLine(report.Rate);
        Row("pictures", $"{cluster.Photos:#,0}, {report.Work}, in {cluster.Tasks:#,0} tasks");
        Row("machines", $"{cluster.Nodes:#,0} of {cluster.Cores:#,0} processors, all of which are taken to be as fast as the measured one");
        Row("processor hours", $"{report.CoreHours:#,0.0}");
        Row("hours, nothing fails", $"{report.IdealHours:#,0.00}");
        Row("hours with failures", $"{report.MeanHours:#,0.00} in the mean of {report.Runs} runs, nine of ten below {report.LongHours:#,0.00}");
        Row("machines that fail", $"{report.MeanFailures:#,0.0}, with {report.LostCoreHours:#,0.0} processor hours done twice");
        Row("read", $"{report.ReadBytes / 1e12:#,0.000} TB");
        Row("written", $"{report.WrittenBytes / 1e12:#,0.000} TB");
        Row("from and to the storage", $"{report.StorageLoad / Gigabyte:0.000} GB/s of {cluster.StorageBytes / Gigabyte:0.###}, {report.StorageLoad / cluster.Nodes / Gigabit:0.000} Gbit/s a machine of {cluster.NetworkBytes / Gigabit:0.###}");
        if (report.MemoryBytes is { } bytes)
            Row("memory of a process", $"{bytes / Megabyte:#,0} MB at the peak");
        if (cluster.TransferSeconds > cluster.ComputeSeconds)
            text.WriteLine("storage or network are the limit: more processors do not help");

        void Row(string name, FormattableString value) => text.WriteLine($"{name,-24} {value.ToString(CultureInfo.InvariantCulture)}");
    }

    private static Option<double?> Amount(string name, string description) => new(name)
    {
        Description = description, HelpName = "X", CustomParser = result => CommonOptions.ReadNumber(result, 1e9),
    };

    private static double Positive(ParseResult arguments, Option<double?> option, double byDefault)
        => (arguments.GetValue(option) ?? byDefault) is > 0 and var value ? value : throw new UsageException($"{option.Name}: must be more than 0");
}
