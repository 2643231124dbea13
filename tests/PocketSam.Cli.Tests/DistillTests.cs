using System.Text.Json;
using PocketSam.Models;

namespace PocketSam.Cli.Tests;

public sealed class DistillTests : IDisposable
{
    private const string Hint = "; see 'pocketsam distill --help'";

    private readonly Workplace _place = new();

    private string Run => _place["run"];

    private string Checkpoint => Path.Combine(Run, "checkpoint.safetensors");

    private string Cache => _place["cache"];

    public void Dispose() => _place.Dispose();

    [Theory]
    [InlineData("decoupled")]
    [InlineData("semi-coupled")]
    [InlineData("coupled")]
    [InlineData("full-stage", "--prompt-sampling", "disagreement", "--rounds", "2")]
    [InlineData("full-stage", "--prompt-sampling", "hard", "--hard-mask-weighting", "--focal", "--token-weight", "0.5")]
    [InlineData("decoder")]
    public void A_student_comes_of_it_that_segments(string scheme, params string[] more)
    {
        Distill(["--scheme", scheme, .. more]).Succeeded();

        string[] log = File.ReadAllLines(Path.Combine(Run, "log.csv"));
        Assert.StartsWith("step,size,batch,loss,embedding_loss,", log[0], StringComparison.Ordinal);
        Assert.Equal(["1", "2", "3"], log.Skip(1).Select(line => line.Split(',')[0]));
        Assert.True(File.Exists(Checkpoint));
        Sam sam = Sam.Load(Path.Combine(Run, "model.safetensors"));
        using ImageEmbedding photo = sam.Encode(_place.Image);
        Assert.Equal(3, sam.Predict(photo, Prompt.Point(40, 30)).Masks.Count);
    }

    [Fact]
    public void The_teachers_embeddings_may_come_from_a_cache()
    {
        Embed(_place.Data);
        Distill("--cache", Cache, "--stages", "64x1x2,64x1x2:full-stage").Succeeded();
        Assert.Equal(3, File.ReadAllLines(Path.Combine(Run, "log.csv")).Length);

        Distill("--cache", Cache, "--output", _place["twice"], "--data", _place.Data).Failed(
            "2 of --data and 1 of --cache: each --data needs its cache" + Hint, 2);
        Distill("--cache", Cache, "--output", _place["other"], "--min-area", "9").Failed(
            "--min-area: pictures with cached embeddings are taken as they are" + Hint, 2);
    }

    [Fact]
    public void A_folder_of_pictures_is_enough_for_decoupled()
    {
        Directory.CreateDirectory(_place["photos/more"]);
        File.Copy(_place.Photo, _place["photos/more/a.png"]);
        Embed(_place["photos"], "--recursive");
        string[] arguments =
        [
            "distill", "--teacher", _place.Model, "--student", "nano", "--output", Run, "--data", _place["photos"], "--cache", Cache,
            "--stages", "64x2x1",
        ];
        Shell.Run([.. arguments, "--scheme", "coupled"]).Failed(
            "stage 64x2x1:coupled asks for objects by box and click, and the pictures come without marked masks: give COCO "
            + "files, or distil decoupled");
        Shell.Run(arguments).Succeeded();
    }

    [Theory]
    [InlineData("decoupled", "64x2x1")]
    [InlineData("full-stage", "64x2x1")]
    [InlineData("decoupled", "64x1x1,64x1x1:full-stage")]
    public void Photos_without_masks_are_mixed_in_where_embeddings_are_learned(string scheme, string stages)
    {
        Directory.CreateDirectory(_place["photos"]);
        File.Copy(_place.Photo, _place["photos/a.png"]);
        CocoWriter.Write(_place["unmarked.json"], [new AnnotatedPicture("photo.png", 90, 60, [])]);
        string[] photos = ["--data", $"{_place["photos"]}=0.25", "--data", $"{_place["unmarked.json"]}=0.25", "--scheme", scheme];

        Assert.Contains(
            $"""
            mixed:  66.7% {_place.Data}, 1 pictures
                    16.7% {_place["photos"]}, 1 pictures without masks
                    16.7% {_place["unmarked.json"]}, 1 pictures without masks
            """, Distill([.. photos, "--stages", stages]).Succeeded().Output, StringComparison.Ordinal);
        Assert.Equal(3, File.ReadAllLines(Path.Combine(Run, "log.csv")).Length);
    }

    [Fact]
    public void Photos_without_masks_are_refused_where_masks_are_needed()
    {
        CocoWriter.Write(_place["unmarked.json"], [new AnnotatedPicture("photo.png", 90, 60, [])]);
        Directory.CreateDirectory(_place["empty"]);
        foreach (string scheme in (string[])["semi-coupled", "coupled", "decoder"])
        {
            Distill("--scheme", scheme, "--data", _place.Folder).Failed(
                $"--data {_place.Folder}: a folder of pictures has no masks, and not every stage learns embeddings; give a COCO file" + Hint, 2);
            Distill("--scheme", scheme, "--data", _place["unmarked.json"]).Failed($"{_place["unmarked.json"]}: no picture has a mask to train on");
        }

        Shell.Run(
            "distill", "--teacher", _place.Model, "--student", "nano", "--output", Run, "--data", _place["unmarked.json"], "--scheme", "full-stage",
            "--stages", "64x1x1").Failed(
            "stage 64x1x1:full-stage asks for objects by box and click, and the pictures come without marked masks: give COCO files, or distil decoupled");
        Assert.StartsWith($"pocketsam: {_place["empty"]}: holds no picture", Distill("--data", _place["empty"]).Error, StringComparison.Ordinal);
        Distill("--data", $"{_place.Folder}=many").Failed(
            $"--data {_place.Folder}=many: expected FILE.json|FOLDER=SHARE, the share a number or 'pictures'" + Hint, 2);
    }

    [Fact]
    public void A_photo_of_a_folder_is_not_measured_on()
    {
        Directory.CreateDirectory(_place["photos"]);
        File.Copy(_place.Photo, _place["photos/a.png"]);
        string[] arguments = ["distill", "--teacher", _place.Model, "--student", "nano", "--output", Run, "--data", _place["photos"], "--stages", "64x1x1"];
        string refusal = $"{_place.Data}: {_place.Photo} is the same picture as {_place["photos/a.png"]}, which is trained on";
        Shell.Run([.. arguments, "--val", _place.Data]).Failed(refusal);
        Embed(_place["photos"]);
        Shell.Run([.. arguments, "--val", _place.Data, "--cache", Cache]).Failed(refusal);
    }

    [Fact]
    public void A_student_may_know_something_already()
    {
        string model = Student(seed: 4), kept = _place["kept"];
        Distill("--student", model, "--keep-decoder", "--output", kept).Succeeded();
        Distill("--student", model).Succeeded();
        Assert.Equal(Decoder(model), Decoder(Path.Combine(kept, "model.safetensors")));
        Assert.Equal(Decoder(_place.Model), Decoder(Path.Combine(Run, "model.safetensors")));

        static float[] Decoder(string path)
        {
            using Checkpoint file = Safetensors.Read(path);
            return [.. file.Tensors["mask_decoder.iou_token.weight"].ToFloats().Select(v => (float)(Half)v)];
        }
    }

    [Fact]
    public void Ctrl_c_keeps_what_was_learned_and_resume_gives_what_was_not_stopped()
    {
        Distill("--output", _place["whole"]).Succeeded();
        using var stop = new CancellationTokenSource();
        using StringWriter output = new(), error = new CancelAtFirstStep(stop);

        int exitCode = CommandLine.Run(Arguments(), new Terminal(output, error, isInteractive: true), stop.Token);

        Assert.Equal(1, exitCode);
        Assert.EndsWith($"cancelled{Environment.NewLine}", error.ToString(), StringComparison.Ordinal);
        Assert.Contains($"stopped; {Checkpoint} goes on with --resume", output.ToString(), StringComparison.Ordinal);
        Assert.Equal(2, File.ReadAllLines(Path.Combine(Run, "log.csv")).Length);
        Distill("--resume").Succeeded();
        foreach (string file in (string[])["model.safetensors", "checkpoint.safetensors"])
            Assert.Equal(File.ReadAllBytes(Path.Combine(_place["whole"], file)), File.ReadAllBytes(Path.Combine(Run, file)));
        Assert.Equal(
            ["step", "1", "2", "3"], File.ReadAllLines(Path.Combine(Run, "log.csv")).Select(line => line.Split(',')[0]));
        Assert.Equal(
            $"pocketsam: {Run}: the distillation was finished already, there is no step to write as JSON{Environment.NewLine}",
            Distill("--resume", "--json", "-").Error);
    }

    [Fact]
    public void The_last_step_is_written_as_json()
    {
        JsonElement step = JsonDocument.Parse(Distill("--json", "-").Succeeded().Output).RootElement;
        Assert.Equal((3, 3), (step.GetProperty("step").GetInt32(), step.GetProperty("total_steps").GetInt32()));
        Assert.Equal(step.GetProperty("loss").GetDouble(), step.GetProperty("embedding").GetDouble());
        Assert.Equal("NaN", step.GetProperty("tokens").GetString());
    }

    [Fact]
    public void Divergence_leaves_the_last_checkpoint()
    {
        using (var stop = new CancellationTokenSource())
        {
            stop.Cancel();
            Assert.Equal(1, Shell.Run(stop.Token, Arguments()).ExitCode);
        }

        // A weight so large that the embedding is beyond all numbers.
        Dictionary<string, StoredTensor> tensors;
        Dictionary<string, string> metadata;
        using (Checkpoint file = Safetensors.Read(Checkpoint))
        {
            metadata = file.Metadata.ToDictionary();
            tensors = file.Tensors.ToDictionary(
                t => t.Key, t => StoredTensor.FromFloats(t.Value.ToFloats(), [.. t.Value.Shape]));
        }

        const string Key = "image_encoder.neck.3.weight";
        float[] huge = [.. tensors[Key].ToFloats().Select(_ => 1e30f)];
        tensors[Key] = StoredTensor.FromFloats(huge, [.. tensors[Key].Shape]);
        Safetensors.Write(Checkpoint, tensors, metadata);
        byte[] before = File.ReadAllBytes(Checkpoint);

        Shell.Outcome outcome = Distill("--resume");

        Assert.Equal(1, outcome.ExitCode);
        Assert.Matches(
            "^pocketsam: the (loss|gradient) is not finite at step 1 with learning rate [0-9.eE-]+: begin a training of "
            + "a lower learning rate with the last model that was kept\r?\n$", outcome.Error);
        Assert.Equal(before, File.ReadAllBytes(Checkpoint));
    }

    [Fact]
    public void A_distillation_is_not_overwritten_and_goes_on_with_its_own_options_only()
    {
        Distill().Succeeded();
        byte[] before = File.ReadAllBytes(Checkpoint);
        Distill().Failed($"{Checkpoint}: there is a training already; add --resume, or choose another folder");
        Refused("--resume", "--learning-rate", "1e-4");
        Refused("--resume", "--scheme", "coupled");
        Refused("--resume", "--teacher", Student(seed: 4));
        Assert.Equal(before, File.ReadAllBytes(Checkpoint));

        void Refused(params string[] more)
        {
            Shell.Outcome outcome = Distill(more);
            Assert.StartsWith($"pocketsam: {Checkpoint}: was trained with other options, distill ", outcome.Error);
            Assert.Equal((1, ""), (outcome.ExitCode, outcome.Output));
        }
    }

    [Fact]
    public void Usage_is_told_before_anything_is_made()
    {
        (string Message, string[] Arguments)[] wrong =
        [
            ("--keep-decoder: nano is an architecture and has no decoder of its own", ["--keep-decoder"]),
            (
                $"--init-encoder begins an architecture, and {_place.Model} is a model with weights",
                ["--student", _place.Model, "--init-encoder", _place.Model]),
            ("2 of --data and 1 of --cache: each --data needs its cache", ["--data", _place.Data, "--cache", Cache]),
            (
                "--token-weight: the stages are of several schemes, each with weights of its own; run them one after the other",
                ["--token-weight", "1", "--stages", "64x1x1,64x1x1:coupled"]),
            ("--scenes -1: must not be negative", ["--scenes", "-1"]),
            (
                "--stages: scheme 'odd': there are decoupled, semi-coupled, coupled, full-stage, decoder", ["--stages", "64x1x1:odd"]),
            (
                "--stages: stage '64x1x1f': f is for train; distill has an option for the focal loss", ["--stages", "64x1x1f"]),
            (
                "--stages: stage '64': expected SIZExSTEPS[xBATCH][f], for instance 128x3000x8, or 592-736x3000x8 for sizes from a range",
                ["--stages", "64"]),
        ];
        foreach ((string message, string[] arguments) in wrong)
            Distill(arguments).Failed(message + Hint, 2);
        Shell.Run("distill", "--teacher", "default").Failed("Option '--output' is required" + Hint, 2);
        Shell.Run("distill", "--output", Run).Failed("Option '--teacher' is required" + Hint, 2);
        foreach (string[] arguments in (string[][])
            [
                ["--scheme", "odd"], ["--prompt-sampling", "odd"], ["--teacher-size", "63"], ["--rounds", "-1"], ["--rounds", "x"],
                ["--embedding-weight", "x"], ["--stages", "64y1"],
            ])
        {
            Shell.Outcome outcome = Distill(arguments);
            Assert.Equal((2, ""), (outcome.ExitCode, outcome.Output));
            Assert.EndsWith(Hint, outcome.Error.TrimEnd(), StringComparison.Ordinal);
            Assert.Contains(arguments[1], outcome.Error, StringComparison.Ordinal);
        }

        Assert.False(Directory.Exists(Run));
    }

    [Fact]
    public void Failures_are_told_before_anything_is_made()
    {
        Embed(_place.Data);
        string other = Student(seed: 4), shard = Assert.Single(Directory.GetFiles(Cache));
        (string Message, string[] Arguments)[] wrong =
        [
            ($"{_place["none.pth"]}: no such file", ["--teacher", _place["none.pth"]]),
            ($"{_place.Photo}: neither a safetensors file nor one of torch.save", ["--student", _place.Photo]),
            ("input size 100: must be a multiple of 64 from 64 to 4096", ["--teacher-size", "100"]),
            ("rounds of further prompts need a way to choose them", ["--rounds", "2"]),
            ("rounds of prompts: 11 is not in 0 ... 10", ["--prompt-sampling", "hard", "--rounds", "11"]),
            ("the weights of the losses must be finite, not negative, and not all zero", ["--embedding-weight", "0"]),
            (
                "stage 64x3x1:decoder: the decoder learns from masks only, and their weights are 0",
                ["--scheme", "decoder", "--teacher-mask-weight", "0", "--embedding-weight", "1"]),
            (
                $"{shard}: holds embeddings of another input size, 128, not 64", ["--cache", Cache, "--teacher-size", "64"]),
            (
                $"{shard}: holds embeddings of another teacher, {_place.Model} (fingerprint {Sam.Load(_place.Model).Fingerprint}, "
                + $"not {Sam.Load(other).Fingerprint})", ["--cache", Cache, "--teacher", other]),
            ($"{_place["empty"]}: holds no embeddings", ["--cache", _place["empty"]]),
        ];
        foreach ((string message, string[] arguments) in wrong)
            Distill(arguments).Failed(message);
        Shell.Run("distill", "--teacher", _place.Model, "--student", "nano", "--output", Run).Failed(
            "training needs at least one source of pictures");
        File.WriteAllBytes(shard, File.ReadAllBytes(shard)[..^5]);
        Shell.Outcome torn = Distill("--cache", Cache);
        Assert.StartsWith($"pocketsam: {Cache}: holds no embeddings; 1 torn: {shard}: ", torn.Error);
        Assert.False(Directory.Exists(Run));
    }

    [Fact]
    public void Picture_that_vanishes_on_the_way_is_named_and_the_steps_before_are_kept()
    {
        Embed(_place.Data);
        using var stop = new CancellationTokenSource();
        using StringWriter output = new(), error = new CancelAtFirstStep(stop);
        Assert.Equal(1, CommandLine.Run(Arguments("--cache", Cache), new Terminal(output, error, isInteractive: true), stop.Token));
        byte[] before = File.ReadAllBytes(Checkpoint);
        File.WriteAllText(_place.Photo, "another");
        Assert.Equal(
            $"pocketsam: {_place.Photo}: is not the picture whose embedding is in {Cache}; embed it again{Environment.NewLine}",
            Distill("--cache", Cache, "--resume").Error);
        File.Delete(_place.Photo);
        Distill("--cache", Cache, "--resume").Failed($"{_place.Photo}: the picture is missing");
        Assert.Equal(before, File.ReadAllBytes(Checkpoint));
    }

    [Fact]
    public void Help_names_schemes_and_default_weights()
    {
        string help = Shell.Run("distill", "--help").Succeeded().Output;
        foreach (string text in (string[])["decoupled|semi-coupled|coupled|full-stage|decoder", "Examples:", "pocketsam distill "])
            Assert.Contains(text, help, StringComparison.Ordinal);
        Assert.Contains("default 0.1 for full-stage", help.ReplaceLineEndings(" "), StringComparison.Ordinal);
    }

    private void Embed(string pictures, params string[] more)
        => Shell.Run(["embed", pictures, "--cache", Cache, "--model", _place.Model, .. more]).Succeeded();

    /// <summary>A model that is not the teacher.</summary>
    private string Student(int seed)
    {
        SamModel model = SamModel.Create(ModelZoo.Nano, seed);
        Safetensors.Write(_place["student.safetensors"], model.State.ToStored(DataType.Float32), model.Metadata());
        return _place["student.safetensors"];
    }

    private Shell.Outcome Distill(params string[] more) => Shell.Run(Arguments(more));

    /// <summary>Three steps of a student called nano; what is given again replaces what is here, but for --data.</summary>
    private string[] Arguments(params string[] more)
    {
        (string Name, string Value)[] own =
        [
            ("--teacher", _place.Model), ("--student", "nano"), ("--output", Run), ("--stages", "64x3x1"), ("--masks", "1"),
        ];
        return
        [
            "distill", "--data", _place.Data, .. own.Where(o => !more.Contains(o.Name)).SelectMany(o => new[] { o.Name, o.Value }),
            .. more,
        ];
    }

    /// <summary>Somebody who sees the first step and presses Ctrl+C.</summary>
    private sealed class CancelAtFirstStep(CancellationTokenSource stop) : StringWriter
    {
        public override void Write(string? value)
        {
            base.Write(value);
            if (value!.Contains("step 1/", StringComparison.Ordinal))
                stop.Cancel();
        }
    }
}
