namespace PocketSam.Cli.Tests;

public sealed class CommandLineTests : IDisposable
{
    private readonly Workplace _place = new();

    public void Dispose() => _place.Dispose();

    public static TheoryData<string> Verbs => [.. CommandLine.CreateVerbs().Select(verb => verb.Command.Name)];

    [Theory]
    [MemberData(nameof(Verbs))]
    public void Help_ends_with_an_example(string verb)
    {
        string help = Shell.Run(verb, "--help").Succeeded().Output;

        string examples = help[help.LastIndexOf("Example", StringComparison.Ordinal)..];
        Assert.Contains($"\n  pocketsam {verb} ", examples.ReplaceLineEndings("\n"));
        Assert.Contains("--json", help);
        Assert.Contains("--threads", help);
    }

    [Fact]
    public void Help_lists_the_verbs()
    {
        string help = Shell.Run("--help").Succeeded().Output;

        Assert.All(CommandLine.CreateVerbs(), verb => Assert.Contains($"  {verb.Command.Name} ", help));
        Assert.Matches(@"^\d+\.\d+\.\d+", Shell.Run("--version").Succeeded().Output);
    }

    [Theory]
    [InlineData()]
    [InlineData("bogus")]
    [InlineData("--threads", "1")]
    public void Without_a_verb_all_of_them_are_named(params string[] args)
    {
        string verbs = string.Join(", ", CommandLine.CreateVerbs().Select(verb => verb.Command.Name));

        Shell.Run(args).Failed($"there are the verbs {verbs}; see 'pocketsam --help'", exitCode: 2);
    }

    [Theory]
    [InlineData("--point 1,x: expected X,Y[,0|1]; see 'pocketsam segment --help'", "segment", "a", "--point", "1,x")]
    [InlineData("--point 1,2,3: expected X,Y[,0|1]; see 'pocketsam segment --help'", "segment", "a", "--point=1,2,3")]
    [InlineData("--box 1,2,3: expected X0,Y0,X1,Y1; see 'pocketsam segment --help'", "segment", "a", "--box", "1,2,3")]
    [InlineData(
        "object 1 has two of --box: --object starts the next one; see 'pocketsam segment --help'",
        "segment", "a", "--box", "1,2,3,4", "--box", "1,2,3,4")]
    [InlineData("--threads 0: must be at least 1; see 'pocketsam info --help'", "info", "nano", "--threads", "0")]
    [InlineData("--threads x: expected a whole number; see 'pocketsam info --help'", "info", "--threads", "x")]
    [InlineData(
        "--image-size: input size 100: must be a multiple of 16 from 64 to 4096; see 'pocketsam segment --help'",
        "segment", "a", "--point", "1,2", "--image-size", "100")]
    [InlineData(
        "--protocol: 'x' is no evaluation protocol; there are 'box' and '1-click' to '20-click'; "
        + "see 'pocketsam evaluate --help'",
        "evaluate", "--data", "a", "--protocol", "x")]
    [InlineData(
        "--protocol: '3-click' is no protocol of agreement; there are 'box', '1-click' and '2-points-D', "
        + "D being 1 to 1446 pixels; see 'pocketsam evaluate --help'",
        "evaluate", "--data", "a", "--protocol", "box,3-click", "--teacher", "b")]
    [InlineData(
        "--teacher-image-size: input size 100: must be a multiple of 16 from 64 to 4096; see 'pocketsam evaluate --help'",
        "evaluate", "--data", "a", "--teacher", "b", "--teacher-image-size", "100")]
    [InlineData(
        "--teacher-image-size needs --teacher; see 'pocketsam evaluate --help'",
        "evaluate", "--data", "a", "--teacher-image-size", "128")]
    [InlineData(
        "--everything compares with the true masks: leave out --teacher; see 'pocketsam evaluate --help'",
        "evaluate", "--data", "a", "--teacher", "b", "--everything")]
    public void Wrong_usage_is_told_apart_from_failure(string message, params string[] args)
        => Shell.Run(args).Failed(message, exitCode: 2);

    [Theory]
    [InlineData("segment")]
    [InlineData("evaluate")]
    [InlineData("segment", "a", "--point")]
    [InlineData("segment", "a", "--point", "1,2", "--nonsense")]
    [InlineData("info", "a", "b")]
    public void Missing_and_surplus_arguments_are_wrong_usage(params string[] args)
    {
        Shell.Outcome outcome = Shell.Run(args);

        Assert.Equal((2, ""), (outcome.ExitCode, outcome.Output));
        Assert.EndsWith($"; see 'pocketsam {args[0]} --help'{Environment.NewLine}", outcome.Error);
    }

    [Theory]
    [InlineData("segment")]
    [InlineData("evaluate")]
    [InlineData("synth")]
    [InlineData("convert")]
    public void Cancelling_leaves_nothing_behind(string verb)
    {
        string[] args = verb switch
        {
            "segment" => [verb, _place.Photo, "--model", _place.Model, "--point", "1,1", "--output", _place["m.png"]],
            "evaluate" => [verb, "--data", _place.Data, "--model", _place.Model, "--json", _place["r.json"]],
            "convert" => [verb, _place.Model, _place["a.pt"]],
            _ => [verb, "--output", _place["scenes"], "--count", "3"],
        };

        Shell.Outcome outcome = Shell.Run(new CancellationToken(canceled: true), args);

        Assert.Equal((1, "", $"cancelled{Environment.NewLine}"), (outcome.ExitCode, outcome.Output, outcome.Error));
        Assert.Equal(_place.Start, _place.Files);
    }
}
