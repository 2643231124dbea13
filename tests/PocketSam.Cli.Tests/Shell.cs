namespace PocketSam.Cli.Tests;

/// <summary>Runs command lines in this process.</summary>
internal static class Shell
{
    /// <summary>Runs one; nobody watches.</summary>
    public static Outcome Run(params string[] args) => Run(CancellationToken.None, args);

    public static Outcome Run(CancellationToken cancellation, params string[] args)
    {
        using StringWriter output = new(), error = new();
        int exitCode = CommandLine.Run(args, new Terminal(output, error, isInteractive: false), cancellation);
        return new Outcome(exitCode, output.ToString(), error.ToString());
    }

    internal sealed record Outcome(int ExitCode, string Output, string Error)
    {
        /// <summary>Fails the test with the error if there was one.</summary>
        public Outcome Succeeded()
        {
            Assert.Equal("", Error);
            Assert.Equal(0, ExitCode);
            return this;
        }

        /// <summary>One line on standard error and nothing on standard output.</summary>
        public void Failed(string message, int exitCode = 1)
        {
            Assert.Equal("", Output);
            Assert.Equal($"pocketsam: {message}{Environment.NewLine}", Error);
            Assert.Equal(exitCode, ExitCode);
        }
    }
}
