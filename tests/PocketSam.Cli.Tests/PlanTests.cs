using System.Text.Json;
using PocketSam.Cli.Planning;

namespace PocketSam.Cli.Tests;

public sealed class PlanTests : IDisposable
{
    private static readonly Cluster Small = new(
        Photos: 1_000_000, Nodes: 10, Cores: 4, Tasks: 80, CoreSeconds: 2, PhotoBytes: 5e5, ResultBytes: 1e6, NetworkBytes: 1.25e9,
        StorageBytes: 2e9, HoursBetweenFailures: 0, HoursDown: 1, SaveSeconds: 600);

    private readonly Workplace _place = new();

    public void Dispose() => _place.Dispose();

    [Fact]
    public void Arithmetic_is_that_of_the_numbers()
    {
        Assert.Equal(0.5, Small.NodeSeconds);
        Assert.Equal(1e6 * 2 / 3600, Small.CoreHours, 1e-9);
        Assert.Equal(1e6 * 0.5 / 10 / 3600, Small.IdealHours, 1e-9);
        Assert.Equal(10 * 1.5e6 / 0.5, Small.StorageLoad, 1e-3);
        Assert.Equal(1.5e6 / 2e6, (Small with { StorageBytes = 2e7 }).NodeSeconds, 1e-9);
    }

    [Fact]
    public void Without_failures_all_tasks_are_done_in_little_more_than_the_ideal_time()
    {
        ScheduleRun run = new ScheduleSimulation(Small).Run(new Random(1));
        Assert.Equal((0, 0.0), (run.Failures, run.LostCoreHours));
        Assert.InRange(run.Hours, Small.IdealHours, 1.05 * Small.IdealHours);
    }

    [Fact]
    public void Failures_cost_the_time_that_machines_are_gone_and_the_work_since_it_was_saved()
    {
        Cluster failing = Small with { HoursBetweenFailures = 10 };
        ScheduleRun[] runs = [.. Enumerable.Range(0, 100).Select(seed => new ScheduleSimulation(failing).Run(new Random(seed)))];

        // About 139 hours of machines with a failure in ten.
        Assert.InRange(runs.Average(run => run.Failures), 12, 16);
        Assert.InRange(runs.Average(run => run.LostCoreHours / run.Failures), 0.25, 0.4);
        Assert.InRange(runs.Average(run => run.Hours), 1.08 * failing.IdealHours, 1.35 * failing.IdealHours);
        Assert.Equal(new ScheduleSimulation(failing).Run(new Random(7)), runs[7]);
    }

    [Fact]
    public void A_plan_that_never_ends_says_so()
    {
        var e = Assert.Throws<IOException>(() => new ScheduleSimulation(Small with { HoursBetweenFailures = 1e-6, HoursDown = 0 }).Run(new Random(1)));
        Assert.StartsWith("the plan does not come to an end", e.Message);
    }

    [Fact]
    public void Plan_is_told_and_the_same_seed_gives_the_same_plan()
    {
        string[] arguments =
        [
            "plan", "--photos", "11000000", "--nodes", "64", "--cores", "64", "--core-seconds", "0.5", "--model", _place.Model, "--json", _place["p.json"],
        ];
        string text = Shell.Run(arguments).Succeeded().Output;
        byte[] json = File.ReadAllBytes(_place["p.json"]);

        Assert.Contains("processor hours          1,527.8", text);
        Assert.Contains("512 tasks", text);
        JsonElement report = JsonDocument.Parse(json).RootElement;
        Assert.Equal(11_000_000, report.GetProperty("cluster").GetProperty("photos").GetInt64());
        Assert.InRange(report.GetProperty("mean_hours").GetDouble(), report.GetProperty("ideal_hours").GetDouble(), 2);
        Assert.Equal(text, Shell.Run(arguments).Succeeded().Output);
        Assert.Equal(json, File.ReadAllBytes(_place["p.json"]));
    }

    [Fact]
    public void Rate_is_measured_where_none_is_given()
    {
        string text = Shell.Run("plan", "--photos", "1000", "--work", "everything", "--model", _place.Model).Succeeded().Output;
        Assert.Contains("s of one processor a picture, measured here with", text);
        Assert.Contains("memory of a process", text);
        Shell.Run("plan", "--photos", "0").Failed("--photos: must be from 1 to 1000000000000; see 'pocketsam plan --help'", 2);
    }
}
