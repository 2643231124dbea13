using System.Globalization;
using System.Text.Json;
using PocketSam.Imaging;

namespace PocketSam.Cli.Tests;

public sealed class TrainTests : IDisposable
{
    private readonly Workplace _place = new();

    private string Run => _place["run"];

    public void Dispose() => _place.Dispose();

    [Fact]
    public void A_model_comes_of_it_that_segments()
    {
        Train("--data", $"{_place.Data}=0.5", "--scenes", "0.5").Succeeded();

        Assert.Equal(
            ["checkpoint.safetensors", "curves.svg", "log.csv", "model.safetensors"],
            Directory.GetFiles(Run).Select(Path.GetFileName).Order());
        string[] log = File.ReadAllLines(Path.Combine(Run, "log.csv"));
        Assert.StartsWith("step,size,batch,loss,", log[0], StringComparison.Ordinal);
        Assert.Equal(["1", "2", "3"], log.Skip(1).Select(line => line.Split(',')[0]));
        Sam sam = Sam.Load(Path.Combine(Run, "model.safetensors"));
        using ImageEmbedding photo = sam.Encode(_place.Image);
        Assert.Equal(3, sam.Predict(photo, Prompt.Point(40, 30)).Masks.Count);
    }

    [Fact]
    public void Ctrl_c_keeps_what_was_trained_and_resume_goes_on()
    {
        using var stop = new CancellationTokenSource();
        stop.Cancel();
        Shell.Outcome stopped = Shell.Run(stop.Token, Arguments());
        Assert.Equal(1, stopped.ExitCode);
        Assert.Equal($"cancelled{Environment.NewLine}", stopped.Error);
        Assert.Contains("goes on with --resume", stopped.Output, StringComparison.Ordinal);
        Assert.Equal(
            ["checkpoint.safetensors", "model.safetensors"],
            Directory.GetFiles(Run).Select(Path.GetFileName).Order());

        Train("--resume").Succeeded();
        Assert.Equal(4, File.ReadAllLines(Path.Combine(Run, "log.csv")).Length);
    }

    [Fact]
    public void One_command_begins_a_training_and_goes_on_with_it()
    {
        using var stop = new CancellationTokenSource();
        stop.Cancel();
        string[] command = Arguments("--init", _place.Model, "--resume");
        Assert.Equal(1, Shell.Run(stop.Token, command).ExitCode);

        Shell.Run(command).Succeeded();
        Assert.Equal(4, File.ReadAllLines(Path.Combine(Run, "log.csv")).Length);
        Shell.Run(command).Succeeded();
        Assert.Equal(4, File.ReadAllLines(Path.Combine(Run, "log.csv")).Length);
    }

    [Fact]
    public void What_is_mixed_is_told_at_the_start()
    {
        string[] lines = Train("--data", $"{_place.Data}=3", "--scenes", "1").Succeeded().Output.Split(Environment.NewLine);
        Assert.Equal($"mixed:  75.0% {_place.Data}, 1 pictures", lines[0]);
        Assert.Equal("        25.0% scenes, generated", lines[1]);
    }

    [Fact]
    public void A_validation_is_logged_and_its_best_model_kept()
    {
        string val = Validation();
        string output = Train("--val", val, "--val-every", "1").Succeeded().Output;

        string[] log = File.ReadAllLines(Path.Combine(Run, "log.csv"));
        int column = Array.IndexOf(log[0].Split(','), "val_box_iou");
        Assert.True(column > 0, log[0]);
        double[] boxes = [.. log.Skip(1).Select(line => double.Parse(line.Split(',')[column], CultureInfo.InvariantCulture))];
        Assert.All(boxes, box => Assert.InRange(box, 0, 1));
        Assert.Equal(3, output.Split("  validation  box ").Length - 1);
        Assert.Contains("(first)", output, StringComparison.Ordinal);

        // What is kept is the model that was measured.
        string best = Path.Combine(Run, "best.safetensors");
        Assert.Contains($"{best}: the best on validation", output, StringComparison.Ordinal);
        string json = _place["best.json"];
        Shell.Run("evaluate", "--data", val, "--model", best, "--protocol", "box,1-click,3-click", "--image-size", "128", "--json", json).Succeeded();
        JsonElement protocols = JsonDocument.Parse(File.ReadAllBytes(json)).RootElement.GetProperty("protocols");
        double mean = protocols.EnumerateObject().Average(p => p.Value.GetProperty("mean_iou").GetDouble());
        double logged = log.Skip(1).Max(line => line.Split(',')[column..(column + 3)].Average(v => double.Parse(v, CultureInfo.InvariantCulture)));
        Assert.Equal(logged, mean, 0.02); // half precision, and the input sizes of two stages
    }

    [Fact]
    public void A_validation_that_is_trained_on_is_refused()
    {
        Train("--data", _place.Data, "--val", _place.Data).Failed(
            $"{_place.Data}: {_place.Photo} is the same picture as {_place.Photo}, which is trained on");
        Assert.Equal(2, Train("--val-every", "2").ExitCode);
        Assert.False(Directory.Exists(Run));
    }

    [Fact]
    public void Of_two_trainings_in_one_folder_the_second_is_refused()
    {
        Directory.CreateDirectory(Run);
        File.WriteAllText(Path.Combine(Run, "training.lock"), "process 1 on nowhere, of a process that is gone");
        using (Trainings.FolderLock.Take(Run))
        {
            Train().Failed(
                $"{Run}: a training goes on here already (process {Environment.ProcessId} on {Environment.MachineName}); "
                + "stop it, or choose another folder");
            Distill().Failed(
                $"{Run}: a training goes on here already (process {Environment.ProcessId} on {Environment.MachineName}); "
                + "stop it, or choose another folder");
            Assert.Equal(["training.lock"], Directory.GetFiles(Run).Select(Path.GetFileName));
        }

        Train().Succeeded();
        Assert.DoesNotContain("training.lock", Directory.GetFiles(Run).Select(Path.GetFileName));

        Shell.Outcome Distill() => Shell.Run(
            "distill", "--output", Run, "--teacher", _place.Model, "--student", "nano", "--data", _place.Data, "--stages", "64x1x1");
    }

    [Fact]
    public void Trainings_that_begin_at_once_leave_one_that_is_whole()
    {
        var outcomes = new Shell.Outcome[4];
        Parallel.For(0, outcomes.Length, i => outcomes[i] = Shell.Run(
            [.. Arguments("--seed", $"{i}"), "--checkpoint-every", "1", "--warmup", "1"]));

        Assert.All(outcomes, outcome => Assert.True(
            outcome.ExitCode == 0 || outcome.Error.Contains("a training goes on here already", StringComparison.Ordinal)
            || outcome.Error.Contains("there is a training already", StringComparison.Ordinal), outcome.Error));
        Assert.Single(outcomes, outcome => outcome.ExitCode == 0);
    }

    [Fact]
    public void A_training_is_not_overwritten()
    {
        Train().Succeeded();
        string checkpoint = Path.Combine(Run, "checkpoint.safetensors");
        byte[] before = File.ReadAllBytes(checkpoint);
        Train().Failed($"{checkpoint}: there is a training already; add --resume, or choose another folder");
        Shell.Outcome other = Train("--resume", "--seed", "9");
        Assert.Equal(1, other.ExitCode);
        Assert.Contains("other options", other.Error, StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllBytes(checkpoint));
    }

    [Fact]
    public void An_encoder_trained_on_imagenet_begins_the_encoder()
    {
        string path = Classifier();
        Shell.Outcome trained = Train("--init-encoder", path).Succeeded();

        Assert.StartsWith(
            $"{path}: {Safetensors.Read(path).Tensors.Count - 1} tensors begin the encoder; 1 are not used, 6 of the encoder " +
            "stay fresh (image_encoder.neck.0.weight, ", trained.Output, StringComparison.Ordinal);
        Assert.Equal(3, File.ReadAllLines(Path.Combine(Run, "log.csv")).Length - 1);
    }

    [Fact]
    public void A_smaller_model_begins_a_larger_one()
    {
        Train("--grow", _place.Model).Succeeded();

        Assert.Equal(4, File.ReadAllLines(Path.Combine(Run, "log.csv")).Length);
        Assert.Equal(2, Shell.Run(
            "train", "--output", _place["other"], "--grow", _place.Model, "--init", _place.Model).ExitCode);
        Shell.Run("train", "--output", _place["other"], "--architecture", "pocket", "--grow", _place.Model).Failed(
            $"{_place.Model}: nano cannot grow into pocket: it differs in more than hidden layers and attention windows");
        Assert.False(Directory.Exists(_place["other"]));
    }

    [Fact]
    public void Bad_arguments_are_told_before_anything_is_made()
    {
        Train("--data", _place["none.json"]).Failed($"{_place["none.json"]}: there is no such file");
        Train("--init", _place.Photo).Failed(
            $"{_place.Photo}: neither a safetensors file nor one of torch.save");
        Train("--init-encoder", _place.Model).Failed(
            $"{_place.Model}: no TinyViT classifier: neither patch_embed.seq.0.c.weight nor timm's " +
            "patch_embed.conv1.conv.weight is there");
        Assert.Equal(2, Train("--init-encoder", Classifier(), "--init", _place.Model).ExitCode);
        Assert.Equal(2, Train("--data", $"{_place.Data}=x").ExitCode);
        Assert.Equal(2, Train("--architecture", "huge").ExitCode);
        Assert.Equal(2, Shell.Run("train", "--output", Run, "--stages", "64y2").ExitCode);
        Train("--scenes", "0").Failed("training needs at least one source of pictures");
        Assert.False(Directory.Exists(Run));
    }

    /// <summary>A data set of its own: the picture of the place, a pixel of it changed.</summary>
    private string Validation()
    {
        RgbImage image = ImageFile.Read(_place.Photo);
        byte[] pixels = image.Pixels.ToArray();
        pixels[0] ^= 1;
        string json = _place["val.json"];
        ImageFile.Write(_place["other.png"], new RgbImage(image.Width, image.Height, pixels));
        File.WriteAllText(json, File.ReadAllText(_place.Data).Replace(Path.GetFileName(_place.Photo), "other.png", StringComparison.Ordinal));
        return json;
    }

    /// <summary>The encoder of a model as a file of its own, with a head in place of the neck.</summary>
    private string Classifier()
    {
        const string Prefix = "image_encoder.";
        string path = _place["classifier.safetensors"];
        Dictionary<string, StoredTensor> tensors = Safetensors.Read(_place.Model).Tensors
            .Where(t => t.Key.StartsWith(Prefix, StringComparison.Ordinal) && !t.Key.Contains(".neck.", StringComparison.Ordinal))
            .ToDictionary(t => t.Key[Prefix.Length..], t => t.Value);
        tensors.Add("head.weight", StoredTensor.FromFloats([1], [1]));
        Safetensors.Write(path, tensors, new Dictionary<string, string>());
        return path;
    }

    private Shell.Outcome Train(params string[] more) => Shell.Run(Arguments(more));

    private string[] Arguments(params string[] more) =>
    [
        "train", "--output", Run, "--architecture", "nano", "--stages", "64x2x1,128x1x1", "--masks", "2", "--rounds", "1",
        "--min-area", "8", .. more,
    ];
}
