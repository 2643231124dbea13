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
        Assert.Equal(2, Train("--resume", "--init-encoder", path).ExitCode);
    }

    [Fact]
    public void A_smaller_model_begins_a_larger_one()
    {
        Train("--grow", _place.Model).Succeeded();

        Assert.Equal(4, File.ReadAllLines(Path.Combine(Run, "log.csv")).Length);
        Assert.Equal(2, Train("--resume", "--grow", _place.Model).ExitCode);
        Assert.Equal(2, Shell.Run(
            "train", "--output", _place["other"], "--grow", _place.Model, "--init", _place.Model).ExitCode);
        Shell.Run("train", "--output", _place["other"], "--architecture", "pocket", "--grow", _place.Model).Failed(
            $"{_place.Model}: nano cannot grow into pocket: it differs in more than hidden layers and attention windows");
        Assert.False(Directory.Exists(_place["other"]));
    }

    [Fact]
    public void Bad_arguments_are_told_before_anything_is_made()
    {
        Train("--resume").Failed(
            $"{Path.Combine(Run, "checkpoint.safetensors")}: there is no checkpoint to go on from");
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
