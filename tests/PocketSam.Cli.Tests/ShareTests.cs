using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using PocketSam.Imaging;

namespace PocketSam.Cli.Tests;

/// <summary>Shares of a run and what <c>merge</c> makes of them: what one process makes.</summary>
public sealed class ShareTests : IDisposable
{
    private const int Pictures = 7;
    private static readonly string[] SlurmVariables
        = ["SLURM_ARRAY_TASK_ID", "SLURM_ARRAY_TASK_COUNT", "SLURM_ARRAY_TASK_MIN", "SLURM_ARRAY_TASK_STEP"];

    private readonly Workplace _place = new();

    public ShareTests()
    {
        Directory.CreateDirectory(_place["photos"]);
        var pictures = new List<AnnotatedPicture>();
        for (int i = 0; i < Pictures; i++)
        {
            var picture = new RgbImage(90, 60);
            new Random(i).NextBytes(picture.Pixels);
            ImageFile.Write(_place[$"photos/{i}.png"], picture);
            var masks = new List<Annotation>();
            for (int m = 0; m <= i % 3; m++)
            {
                var mask = new BinaryMask(90, 60);
                mask.Fill(new PixelBox(5 + 3 * m + i, 5, 30 + i, 20 + 5 * m));
                masks.Add(new Annotation(mask) { Label = m == 1 ? null : $"thing {(i + m) % 4}" });
            }

            pictures.Add(new AnnotatedPicture($"{i}.png", 90, 60, masks));
        }

        CocoWriter.Write(_place["photos/data.json"], pictures);
    }

    public void Dispose() => _place.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Masks_of_everything_are_merged_to_the_file_of_one_process(int shares)
    {
        Everything("whole.json").Succeeded();
        for (int i = 1; i <= shares; i++)
            Everything("parts.json", "--shard", $"{i}/{shares}").Succeeded();
        Assert.False(File.Exists(_place["parts.json"]));

        Shell.Outcome merged = Shell.Run("merge", _place["parts.json.parts"], "--output", _place["parts.json"]).Succeeded();

        Assert.Contains($"{Pictures} pictures of {shares} shares", merged.Output);
        Assert.Equal(File.ReadAllBytes(_place["whole.json"]), File.ReadAllBytes(_place["parts.json"]));
        Assert.Contains("7 pictures were done already", Everything("parts.json").Succeeded().Output);
    }

    [Fact]
    public void Embeddings_are_those_of_one_process()
    {
        Shell.Run("embed", _place["photos"], "--output", _place["whole"], "--model", _place.Model).Succeeded();
        for (int i = 1; i <= 2; i++)
            Shell.Run("embed", _place["photos"], "--output", _place[$"part{i}"], "--model", _place.Model, "--shard", $"{i}/2").Succeeded();

        Shell.Run("merge", _place["part1"], _place["part2"], "--output", _place["joined"]).Succeeded();

        string[] files = [.. Directory.GetFiles(_place["whole"]).Select(path => Path.GetFileName(path)).Order()];
        Assert.Equal(files, Directory.GetFiles(_place["joined"]).Select(path => Path.GetFileName(path)).Order());
        foreach (string file in files)
            Assert.Equal(File.ReadAllBytes(_place[$"whole/{file}"]), File.ReadAllBytes(_place[$"joined/{file}"]));
    }

    [Fact]
    public void Caches_are_joined_to_that_of_one_process()
    {
        Shell.Run("embed", _place["photos"], "--cache", _place["whole"], "--model", _place.Model).Succeeded();
        for (int i = 1; i <= 3; i++)
            Shell.Run("embed", _place["photos"], "--cache", _place["shared"], "--model", _place.Model, "--shard", $"{i}/3").Succeeded();

        Assert.Contains("all are there", Shell.Run("merge", _place["shared"]).Succeeded().Output);
        Shell.Run("merge", _place["shared"], "--output", _place["joined"]).Succeeded();

        Assert.Equal(
            File.ReadAllBytes(Assert.Single(Directory.GetFiles(_place["whole"]))), File.ReadAllBytes(Assert.Single(Directory.GetFiles(_place["joined"]))));
    }

    [Fact]
    public void Evaluation_is_merged_to_the_report_of_one_process()
    {
        Evaluate("--json", _place["whole.json"]).Succeeded();
        for (int i = 1; i <= 3; i++)
            Evaluate("--shard", $"{i}/3", "--parts", _place["parts"]).Succeeded();

        Shell.Outcome merged = Shell.Run("merge", _place["parts"], "--json", _place["merged.json"]).Succeeded();

        Assert.Equal(File.ReadAllBytes(_place["whole.json"]), File.ReadAllBytes(_place["merged.json"]));
        Assert.Equal(Evaluate().Succeeded().Output, merged.Output);
        Assert.Contains(" of them measured before", Evaluate("--shard", "1/3", "--parts", _place["parts"]).Succeeded().Output);
    }

    [Fact]
    public void Evaluation_that_was_ended_goes_on()
    {
        Evaluate("--json", _place["whole.json"]).Succeeded();
        Evaluate("--shard", "1/1", "--parts", _place["parts"]).Succeeded();
        string part = Assert.Single(Directory.GetFiles(_place["parts"]));
        string[] lines = File.ReadAllLines(part);
        Assert.Equal(Pictures + 2, lines.Length);
        File.WriteAllText(part, string.Join('\n', lines[..4]) + "\n" + lines[4][..20]);

        Shell.Run("merge", _place["parts"]).Failed($"{part}: share 1/1 is not finished; run it again, it goes on");
        Assert.Contains("7 pictures of 7 in share 1/1, 3 of them", Evaluate("--shard", "1/1", "--parts", _place["parts"]).Succeeded().Output);
        Shell.Run("merge", _place["parts"], "--json", _place["merged.json"]).Succeeded();

        Assert.Equal(File.ReadAllBytes(_place["whole.json"]), File.ReadAllBytes(_place["merged.json"]));
        Assert.Equal(lines, File.ReadAllLines(part));
        Shell.Outcome other = Shell.Run(
            "evaluate", "--data", _place["photos/data.json"], "--model", _place.Model, "--protocol", "box", "--min-area", "1", "--shard", "1/1", "--parts",
            _place["parts"]);
        other.Failed($"{part}: is of another run (protocols box,1-click,2-click, not box); delete it, or give another folder");
    }

    [Theory]
    [InlineData("coco-ap")]
    [InlineData("lvis-ap", "--mask-choice", "first", "--refine")]
    [InlineData("coco-ap", "--boxes", "boxes.json", "--no-categories", "--max-detections", "1,2,3")]
    public void Average_precision_is_merged_to_that_of_one_process(string measure, params string[] options)
    {
        File.WriteAllText(_place["boxes.json"], """
            [{"image_id":1,"category_id":1,"score":0.9,"bbox":[4,5,30,20]},{"image_id":3,"category_id":2,"score":0.25,"bbox":[8,5,33,25]},
             {"image_id":3,"category_id":9,"score":0.5,"bbox":[200,5,3,2]}]
            """);
        string[] args =
        [
            "evaluate", "--data", _place["photos/data.json"], "--model", _place.Model, "--protocol", measure,
            .. options.Select(option => option == "boxes.json" ? _place[option] : option),
        ];
        Shell.Run([.. args, "--json", _place["whole.json"], "--save-results", _place["whole-masks.json"]]).Succeeded();
        for (int i = 1; i <= 3; i++)
            Shell.Run([.. args, "--shard", $"{i}/3", "--parts", _place["parts"]]).Succeeded();

        Shell.Run("merge", _place["parts"], "--json", _place["merged.json"], "--output", _place["masks.json"]).Succeeded();

        Assert.Equal(File.ReadAllBytes(_place["whole-masks.json"]), File.ReadAllBytes(_place["masks.json"]));
        Assert.Equal(WithoutTime(_place["whole.json"]), WithoutTime(_place["merged.json"]));
        Assert.Contains(" of them measured before", Shell.Run([.. args, "--shard", "1/3", "--parts", _place["parts"]]).Succeeded().Output);
        File.AppendAllText(_place["photos/data.json"], "\n");
        Shell.Run("merge", _place["parts"]).Failed($"{_place["photos/data.json"]}: has changed since the shares were measured");
    }

    [Theory]
    [InlineData("box,1-click", "--everything")]
    [InlineData("box,1-click,2-points-20", "--teacher", "model")]
    [InlineData("points-3", "--first-point", "random", "--seed", "4")]
    [InlineData("noc-4")]
    [InlineData("proposals", "--points-per-side", "3")]
    [InlineData("everything-miou", "--points-per-side", "4")]
    [InlineData("similar", "--points-per-side", "4")]
    [InlineData("similar", "--points-per-side", "4", "--image-size", "128")]
    [InlineData("edges", "--points-per-side", "3")]
    public void Every_measure_is_merged_to_that_of_one_process(string measure, params string[] options)
    {
        string[] args = Measured(measure, options);
        Shell.Outcome whole = Shell.Run([.. args, "--json", _place["whole.json"]]).Succeeded();
        for (int i = 1; i <= 3; i++)
            Assert.Contains($"pictures of {Pictures} in share {i}/3, 0 of them", Shell.Run([.. args, .. Shared(i)]).Succeeded().Output);

        Shell.Outcome merged = Shell.Run("merge", _place["parts"], "--json", _place["merged.json"]).Succeeded();

        Assert.Equal(WithoutTime(_place["whole.json"]), WithoutTime(_place["merged.json"]));
        Assert.Equal(WithoutTime(whole.Output.Split('\n')), WithoutTime(merged.Output.Split('\n')));
        Shell.Run("merge", _place["parts"], "--output", _place["masks.json"]).Failed(
            "--output: what was measured is written by --json; see 'pocketsam merge --help'", exitCode: 2);

        string[] Shared(int i) => ["--shard", $"{i}/3", "--parts", _place["parts"]];
    }

    [Theory]
    [InlineData("points-2")]
    [InlineData("proposals", "--points-per-side", "3")]
    [InlineData("edges", "--points-per-side", "3")]
    public void Measure_that_was_ended_goes_on(string measure, params string[] options)
    {
        string[] args = Measured(measure, options);
        Shell.Run([.. args, "--json", _place["whole.json"]]).Succeeded();
        Shell.Run([.. args, "--shard", "1/1", "--parts", _place["parts"]]).Succeeded();
        string part = Assert.Single(Directory.GetFiles(_place["parts"]));
        string[] lines = File.ReadAllLines(part);
        File.WriteAllText(part, string.Join('\n', lines[..5]) + "\n" + lines[5][..30]);

        Assert.Contains("7 pictures of 7 in share 1/1, 4 of them", Shell.Run([.. args, "--shard", "1/1", "--parts", _place["parts"]]).Succeeded().Output);
        Shell.Run("merge", _place["parts"], "--json", _place["merged.json"]).Succeeded();

        Assert.Equal(WithoutTime(_place["whole.json"]), WithoutTime(_place["merged.json"]));
    }

    [Theory]
    [InlineData("points-3", "measure points-2, not points-3")]
    [InlineData("points-2", "first click farthest from the object's edge, not random pixel of the object, seed 1", "--first-point", "random", "--seed", "1")]
    [InlineData("points-2", "least area 1, not 9", "--min-area", "9")]
    [InlineData("points-2", "pictures upright, not as stored", "--stored-pixels")]
    [InlineData("noc-2", "measure points-2, not noc-2")]
    [InlineData("box", "measure points-2, not prompts")]
    [InlineData("box", "measure points-2, not agreement", "--teacher", "model")]
    public void Parts_of_other_options_are_refused(string measure, string difference, params string[] options)
    {
        Shell.Run([.. Measured("points-2", []), "--shard", "1/2", "--parts", _place["parts"]]).Succeeded();
        string part = Assert.Single(Directory.GetFiles(_place["parts"]));
        byte[] before = File.ReadAllBytes(part);

        Shell.Run([.. Measured(measure, options), "--shard", "1/2", "--parts", _place["parts"]])
            .Failed($"{part}: is of another run ({difference}); delete it, or give another folder");
        Shell.Run([.. Measured(measure, options), "--shard", "2/2", "--parts", _place["other"]]).Succeeded();
        Assert.Contains("is of another run than", Shell.Run("merge", _place["parts"], _place["other"]).Error);

        Assert.Equal(before, File.ReadAllBytes(part));
    }

    [Fact]
    public void Picture_that_fails_is_left_out_of_what_is_merged_as_in_one_process()
    {
        File.WriteAllText(_place["photos/3.png"], "no picture");
        string[] args = Measured("noc-2", []);
        Assert.Equal(1, Shell.Run([.. args, "--json", _place["whole.json"]]).ExitCode);
        int failed = Enumerable.Range(1, 2).Count(i => Shell.Run([.. args, "--shard", $"{i}/2", "--parts", _place["parts"]]).ExitCode == 1);

        Shell.Outcome merged = Shell.Run("merge", _place["parts"], "--json", _place["merged.json"]);

        Assert.Equal((1, 1), (failed, merged.ExitCode));
        Assert.StartsWith($"pocketsam: 1 of 7 pictures failed: {_place["photos/3.png"]}", merged.Error);
        Assert.Equal(WithoutTime(_place["whole.json"]), WithoutTime(_place["merged.json"]));
    }

    [Theory]
    [InlineData("\"iou/1\":[", "\"iou/1\":[0.5,0.5,0.5,0.5,")]
    [InlineData("\"oracle/2\":", "\"other\":")]
    [InlineData("\"clicks\":\"2\"", "\"clicks\":\"2000000000\"")]
    [InlineData("\"measure\":\"points-2\"", "\"measure\":\"something\"")]
    public void Parts_that_somebody_has_changed_are_told_in_one_line(string text, string other)
    {
        Shell.Run([.. Measured("points-2", []), "--shard", "1/1", "--parts", _place["parts"]]).Succeeded();
        string part = Assert.Single(Directory.GetFiles(_place["parts"]));
        Assert.Contains(text, File.ReadAllText(part));
        File.WriteAllText(part, File.ReadAllText(part).Replace(text, other));

        Shell.Outcome merged = Shell.Run("merge", _place["parts"], "--json", _place["merged.json"]);

        Assert.Equal(1, merged.ExitCode);
        Assert.StartsWith($"pocketsam: {_place["parts"]}: ", merged.Error);
        Assert.Single(merged.Error.Trim().Split('\n'));
        Assert.False(File.Exists(_place["merged.json"]));
    }

    [Theory]
    [InlineData("coco", ".json")]
    [InlineData("cvat", ".xml")]
    [InlineData("labelstudio", ".json")]
    [InlineData("yolo", "")]
    [InlineData("labelme", "")]
    [InlineData("mask", "")]
    public void Data_sets_are_those_of_one_process(string format, string extension)
    {
        Directory.CreateDirectory(_place["one"]);
        Directory.CreateDirectory(_place["several"]);
        string whole = _place["one/set" + extension], output = _place["several/set" + extension];
        Shell.Run("convert-data", _place["photos/data.json"], whole, "--format", format).Succeeded();
        for (int i = 1; i <= 3; i++)
            Shell.Run("convert-data", _place["photos/data.json"], output, "--format", format, "--shard", $"{i}/3").Succeeded();

        Shell.Run("merge", output + ".parts").Succeeded();

        string[] Files(string path) => extension.Length > 0
            ? [.. Directory.GetFiles(Path.GetDirectoryName(path)!, "set.*").Where(file => !file.Contains("-of-")).Order()]
            : [.. Directory.GetFiles(path, "*", SearchOption.AllDirectories).Order()];
        Assert.Equal(Files(whole).Select(path => Path.GetRelativePath(whole, path)), Files(output).Select(path => Path.GetRelativePath(output, path)));
        foreach ((string one, string other) in Files(whole).Zip(Files(output)))
            Assert.Equal(File.ReadAllBytes(one), File.ReadAllBytes(other));
    }

    [Fact]
    public void Shares_that_are_missing_or_there_twice_or_of_another_run_are_refused()
    {
        Everything("a.json", "--shard", "1/3").Succeeded();
        Shell.Run("merge", _place["a.json.parts"]).Failed($"{_place["a.json.parts"]}: 2 of 3 shares are missing: 2/3, 3/3");
        Everything("b.json", "--shard", "1/3").Succeeded();
        string a = _place["a.json.parts/.pocketsam-everything-1-of-3.part.jsonl"], b = _place["b.json.parts/.pocketsam-everything-1-of-3.part.jsonl"];
        Shell.Run("merge", _place["a.json.parts"], _place["b.json.parts"]).Failed(
            $"{b}: is of another run than {a} (merged {Path.Combine("..", "b.json")}, not {Path.Combine("..", "a.json")})");
        Directory.CreateDirectory(_place["copy"]);
        string copy = _place["copy/.pocketsam-everything-1-of-3.part.jsonl"];
        File.Copy(a, copy);
        Shell.Run("merge", _place["a.json.parts"], _place["copy"]).Failed($"{copy}: share 1/3 is in {a} already");
        Everything("a.json", "--shard", "1/2").Succeeded();
        Shell.Run("merge", _place["a.json.parts"]).Failed(
            $"{a}: is of another run than {a.Replace("1-of-3", "1-of-2")} (share 1/3, where others are of 2)");
        Shell.Run("merge", _place["photos"]).Failed($"{_place["photos"]}: holds no part of a run with --shard");
        Shell.Run("merge", _place["nowhere"]).Failed($"{_place["nowhere"]}: there is no such folder");
    }

    [Fact]
    public void Picture_that_fails_is_told_by_the_merge_and_the_others_are_there()
    {
        File.WriteAllText(_place["photos/3.png"], "no picture");
        Assert.Equal(1, Everything("whole.json").ExitCode);
        int failed = Enumerable.Range(1, 2).Count(i => Everything("parts.json", "--shard", $"{i}/2").ExitCode == 1);

        Shell.Outcome merged = Shell.Run("merge", _place["parts.json.parts"], "--output", _place["parts.json"]);

        Assert.Equal((1, 1), (failed, merged.ExitCode));
        Assert.StartsWith($"pocketsam: 1 of 7 pictures failed: {_place["photos/3.png"]}", merged.Error);
        Assert.Equal(File.ReadAllBytes(_place["whole.json"]), File.ReadAllBytes(_place["parts.json"]));
    }

    [Fact]
    public void Tasks_of_a_job_array_take_their_shares()
    {
        try
        {
            for (int task = 4; task <= 8; task += 2)
            {
                Slurm(task, 3, 4, 2);
                Assert.StartsWith(
                    $"share {task / 2 - 1}/3: SLURM_ARRAY_TASK_ID={task} of a job array (--shard 1/1 takes all){Environment.NewLine}",
                    Everything("parts.json").Succeeded().Output);
            }

            Assert.Contains("wrote", Shell.Run("merge", _place["parts.json.parts"]).Succeeded().Output);
            Slurm(9, 3, 4, 2);
            Assert.StartsWith("pocketsam: task 9 of a job array of 3 from 4 on: the tasks are not numbered evenly; say --shard I/N", Everything("x.json").Error);
            Assert.Contains("7 pictures were done already", Everything("parts.json", "--shard", "1/1").Succeeded().Output);
        }
        finally
        {
            Array.ForEach(SlurmVariables, name => Environment.SetEnvironmentVariable(name, null));
        }
    }

    [Theory]
    [InlineData("--shard", "1/2")]
    [InlineData("--shard", "1/2", "--parts", "parts", "--report", "report")]
    [InlineData("--shard", "1/2", "--parts", "parts", "--max-masks", "3")]
    [InlineData("--shard", "1/2", "--parts", "parts", "--max-images", "3")]
    [InlineData("--shard", "1/2", "--parts", "parts", "--protocol", "words")]
    [InlineData("--parts", "parts", "--protocol", "edges", "--results", "maps")]
    public void What_cannot_be_shared_is_refused(params string[] options)
    {
        Shell.Run(
            [
                "evaluate", "--data", _place["photos/data.json"], "--model", _place.Model,
                .. options.Select(option => option is "parts" or "report" or "maps" ? _place[option] : option),
            ]).Failed(
            options.Contains("--parts")
                ? "a share leaves what each of its pictures gave, for 'merge': leave out --report, --max-masks, --results, --save-results, --max-images, "
                    + "and --protocol words; see 'pocketsam evaluate --help'"
                : "--shard needs --parts, where the share leaves what it measured; see 'pocketsam evaluate --help'",
            exitCode: 2);
        Assert.False(Directory.Exists(_place["parts"]));
    }

    /// <summary>What people are told, without times and the tables that have any.</summary>
    private static string[] WithoutTime(string[] lines)
    {
        List<string> kept = [];
        bool isTimed = false;
        foreach (string line in lines.Select(line => line.TrimEnd()))
        {
            isTimed = line.Length > 0 && (isTimed || line.Contains("seconds", StringComparison.Ordinal) && !line.StartsWith(' ') || line.EndsWith("  time", StringComparison.Ordinal));
            if (!isTimed && !line.Contains("seconds", StringComparison.Ordinal))
                kept.Add(Regex.Replace(line, @"( in [\d.]+ s$)|( and [\d.]+ s a picture$)", ""));
        }

        return [.. kept];
    }

    /// <summary>A report without times: values by their names, and columns of tables.</summary>
    private static string WithoutTime(string path)
    {
        JsonNode report = JsonNode.Parse(File.ReadAllBytes(path))!;
        Clear(report);
        foreach (JsonNode? table in report["tables"]?.AsArray() ?? [])
        {
            string[] columns = [.. table!["columns"]!.AsArray().Select(column => column!.GetValue<string>())];
            foreach (int c in Enumerable.Range(0, columns.Length).Where(c => columns[c] == "time" || columns[c].Contains("seconds")))
            {
                foreach (JsonNode? row in table["rows"]!.AsArray())
                    row!["values"]![c] = 0;
            }
        }

        return report.ToJsonString();

        static void Clear(JsonNode? node)
        {
            if (node is not JsonObject entries)
                return;
            foreach (string name in entries.Select(entry => entry.Key).ToArray())
            {
                if (name.Contains("seconds"))
                    entries[name] = 0;
                else
                    Clear(entries[name]);
            }
        }
    }

    /// <summary>The arguments that measure the pictures, for edges with a boundary in each.</summary>
    private string[] Measured(string measure, string[] options)
    {
        if (measure == "edges")
        {
            Directory.CreateDirectory(_place["marked"]);
            for (int i = 0; i < Pictures; i++)
            {
                var line = new BinaryMask(90, 60);
                line.SetSpan(20 + i, 10, 60 + i);
                ImageFile.WriteMask(_place[$"marked/{i}.png"], line);
            }
        }

        return
        [
            "evaluate", "--data", measure == "edges" ? _place["marked"] : _place["photos/data.json"], "--images", _place["photos"],
            "--model", _place.Model, "--protocol", measure,
            .. measure == "edges" || options.Contains("--min-area") ? (string[])[] : ["--min-area", "1"],
            .. options.Contains("--image-size") ? (string[])[] : ["--image-size", "64"],
            .. options.Select(option => option == "model" ? _place.Model : option),
        ];
    }

    private static void Slurm(params int[] values)
    {
        for (int i = 0; i < values.Length; i++)
            Environment.SetEnvironmentVariable(SlurmVariables[i], $"{values[i]}");
    }

    private Shell.Outcome Everything(string output, params string[] args) => Shell.Run(
        ["everything", _place["photos"], "--output", _place[output], "--format", "coco", "--merge", "--points-per-side", "3",
         "--pred-iou-thresh", "0", "--stability-score-thresh", "0", "--model", _place.Model, .. args]);

    private Shell.Outcome Evaluate(params string[] args) => Shell.Run(
        ["evaluate", "--data", _place["photos/data.json"], "--model", _place.Model, "--protocol", "box,1-click,2-click", "--min-area", "1", .. args]);
}
